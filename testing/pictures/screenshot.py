"""A PNG of a picture's page as it opens: screenshot.py PAGE.html OUT.png [WIDTH HEIGHT [JAVASCRIPT]]"""

import os
import sys

from browser import Browser


def main(arguments):
    if len(arguments) not in (3, 5, 6):
        print(__doc__, file=sys.stderr)
        return 2
    page_path, out = (os.path.join(os.environ.get("BUILD_WORKING_DIRECTORY", ""), path) for path in arguments[1:3])
    width, height = (int(text) for text in arguments[3:5]) if len(arguments) > 3 else (1440, 900)
    with Browser(width, height) as browser:
        page = browser.open(page_path)
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        page.settle()
        if len(arguments) > 5:
            page.evaluate(arguments[5])
        page.screenshot(out)
        for error in page.errors():
            print(error, file=sys.stderr)
        return 1 if page.errors() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
