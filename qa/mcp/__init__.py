"""The MCP server: asking, searching and looking up, for models; apart from the page."""
