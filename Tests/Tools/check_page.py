#!/usr/bin/env python3
"""The HTML reports in a headless Chromium: check_page.py PROGRAM [PAGE ...]

Without pages, reports of the committed kind are made from a small run. Each page is shown 1280 and 390 pixels wide, bright
and dark, and printed. A console message, a request, text of too little contrast, a control or a drawing without a name, and
a page that is wider than its window end it with status 1. Pictures are left in .build/pages.
"""
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BROWSER = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]

# Runs in the page after it has been read; its answer is the text of an element that --dump-dom shows.
CHECK = r"""
(() => {
  const problems = [];
  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const part = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgb(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let least = 21;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("script, style, title, desc")) continue;
    const isDrawn = element.closest("svg");
    const color = rgb(isDrawn ? getComputedStyle(element).fill : getComputedStyle(element).color);
    const value = ratio(color, isDrawn ? [255, 255, 255] : background(element));
    least = Math.min(least, value);
    // Coloured numbers of a drawing stand beside lines of the same colour: 3 is asked of them, 4.5 of all other text.
    if (value < (isDrawn ? 3 : 4.5)) problems.push(`contrast ${value.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.getAttribute("alt") || e.closest("label");
  for (const e of document.querySelectorAll("svg, img, input, nav, [role=group]"))
    if (!named(e)) problems.push(`no name: ${e.outerHTML.slice(0, 60)}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`twice: ${id}`);
  for (const link of document.querySelectorAll("a[href^='#']"))
    if (!document.getElementById(link.hash.slice(1))) problems.push(`leads nowhere: ${link.hash}`);
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) problems.push(`${wide} pixels wider than the window`);
  for (const th of document.querySelectorAll("thead th")) if (th.scope !== "col") problems.push("a head without scope");
  const slider = document.querySelector("input[type=range]");
  if (slider) {
    slider.value = slider.max;
    slider.dispatchEvent(new Event("input"));
    if (!/k = |epoch/.test(slider.closest("figure").querySelector("output").textContent)) problems.push("nothing read off");
  }
  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = JSON.stringify({ problems, least, figures: document.querySelectorAll("figure").length });
  document.body.append(answer);
})();
"""


def browse(page, *options):
    """The standard output of a browser, and what it said on its console."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "net.json")
        run = subprocess.run(
            [*BROWSER, f"--user-data-dir={folder}/profile", f"--log-net-log={log}", "--enable-logging=stderr", "--v=0",
             "--virtual-time-budget=2000", *options, pathlib.Path(page).resolve().as_uri()],
            capture_output=True, text=True, timeout=120)
        console = [line for line in run.stderr.splitlines() if "CONSOLE" in line]
        # The browser's own services ask for addresses too; a page's requests name the page as their initiator.
        requests = []
        if log.exists():
            for event in re.findall(r'\{"params":\{[^{}]*"initiator":"[^"]*"[^{}]*\}', log.read_text()):
                url = re.search(r'"url":"([^"]*)"', event)
                if url and not re.match(r"(file|data|chrome|devtools)", url[1]) and '"initiator":"not an origin"' not in event:
                    requests.append(url[1])
        return run.stdout, console, requests


def check(page, folder):
    problems = []
    name = pathlib.Path(page).stem
    for width, height in [(1280, 900), (390, 844)]:
        for scheme in ["light", "dark"]:
            options = [f"--window-size={width},{height}"] + (["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else [])
            picture = folder / f"{name}-{width}-{scheme}.png"
            _, console, requests = browse(page, *options, f"--screenshot={picture}")
            problems += [f"{width} {scheme}: {text}" for text in console + [f"request of {url}" for url in requests]]
            # The checking script is allowed in a copy alone.
            text = pathlib.Path(page).read_text()
            text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
            copy = folder / "checked.html"
            copy.write_text(text.replace("</body>", f"<script>{CHECK}</script></body>"))
            dom, console, _ = browse(copy, *options, "--dump-dom")
            copy.unlink()
            answer = re.search(r'<pre id="answer">(.*?)</pre>', dom, re.S)
            if not answer:
                problems.append(f"{width} {scheme}: the check did not run: {console}")
                continue
            found = json.loads(html.unescape(answer[1]))
            problems += [f"{width} {scheme}: {text}" for text in found["problems"]]
            print(f"{page} at {width} pixels, {scheme}: {found['figures']} figures, contrast at least {found['least']:.1f}")
    pdf = folder / f"{name}.pdf"
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    subprocess.run(["pdftoppm", "-r", "50", "-png", str(pdf), str(folder / f"{name}-page")], check=True)
    info = subprocess.run(["pdfinfo", str(pdf)], capture_output=True, text=True, check=True).stdout
    if "(A4)" not in info:
        problems.append("print: not A4")
    print(f"{page} printed: {re.search(r'Pages: *([0-9]+)', info)[1]} pages")
    return problems


def main():
    program, *pages = sys.argv[1:]
    folder = pathlib.Path(".build/pages")
    folder.mkdir(parents=True, exist_ok=True)
    if not pages:
        run = [program, "run", "--identities", "8", "--training-images", "24", "--epochs", "4", "--output", str(folder / "run"),
               "--figure", str(folder / "figure.png"), "--report", str(folder / "report.html")]
        subprocess.run(run, check=True)
        pages = [str(folder / "report.html")]
    problems = [f"{page}: {problem}" for page in pages for problem in check(page, folder)]
    print("\n".join(problems) or f"{len(pages)} pages, nothing wrong; pictures are in {folder}")
    sys.exit(1 if problems else 0)


main()
