"""Django admin, one file a noun. Importing a file registers its pages."""

from evaluation.admin import label_review, model_version, prediction

__all__ = ["label_review", "model_version", "prediction"]
