"""Who may do what: accounts, their roles, and how somebody proves who they are."""
