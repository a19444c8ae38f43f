"""Draw the page's icon in the sizes that phones want.

python -m scripts.page.icons [CHROMIUM]
"""

from __future__ import annotations

import sys

from playwright.sync_api import sync_playwright

from player.interfaces.front.web.page.static_files import FOLDER

SIZES_PX = (192, 512)


def main() -> None:
    """Draw them."""
    chromium = sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"
    drawn = (FOLDER / "icons/icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size in SIZES_PX:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(f"<style>*{{margin:0}}svg{{width:{size}px;height:{size}px}}</style>{drawn}")
            page.screenshot(path=FOLDER / f"icons/icon-{size}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
