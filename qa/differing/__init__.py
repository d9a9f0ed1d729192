"""Where quotes of several sources say the same, and where they differ in a value."""
