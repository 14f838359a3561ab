"""Django admin, one file a noun. Importing a file registers its pages."""

from evaluation.admin import label_review

__all__ = ["label_review"]
