"""What can be tested where."""

import sys

collect_ignore = [] if sys.platform.startswith("linux") else ["test_app_real_display.py"]  # X is Linux's
