"""Who may use the workbench: accounts, sessions, permissions, the identity provider."""
