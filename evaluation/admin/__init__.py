"""Django admin, one file a noun. Importing a file registers its pages."""

from evaluation.admin import event, label_review, look, model_version, prediction, suite, test_run

__all__ = ["event", "label_review", "look", "model_version", "prediction", "suite", "test_run"]
