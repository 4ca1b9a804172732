"""The browser app: turns the values of ``roc_core.workspace`` into widgets."""
