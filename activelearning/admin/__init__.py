"""Django admin, one file a noun. Importing a file registers its pages."""
