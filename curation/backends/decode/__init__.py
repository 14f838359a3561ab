"""Reading video files with PyAV. Empty, so that the probe's child can set its limits before libav is loaded."""
