"""Reading single pictures of strangers. Empty, so that the child can set its limits before loading Pillow."""
