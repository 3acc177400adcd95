"""The contact sheet: one HTML page with every picture, and what was found on it."""

import json
from html import escape
from pathlib import Path

HEAD = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>Koll: kontaktkarta</title>
<style>
body { font: 14px/1.4 system-ui; margin: 2rem; background: #f4f2ec; color: #16212b }
section { margin: 0 0 2.5rem } h2 { margin: 2rem 0 .25rem } h3 { margin: 0 } .row { display: flex; gap: 1rem; align-items: flex-start; overflow-x: auto; padding: .5rem 0 }
figure { margin: 0 } figcaption { color: #5c6872 } img { display: block; border: 1px solid #ccc; max-height: 60rem }
.s390 img { width: 260px } .s320 img { width: 213px } .s1440 img, .smörk img { width: 640px } li { color: #a6392b }
</style><h1>Koll: kontaktkarta</h1>"""


def write(out: Path) -> None:
    parts = [HEAD]
    for source in sorted(out.glob("*.json"), key=lambda path: ["empty", "usual", "full"].index(path.stem)):
        parts.append(f"<h2>{source.stem}</h2>")
        for shot in json.loads(source.read_text()):
            findings = "".join(f"<li>{escape(finding)}</li>" for finding in shot["findings"])
            pictures = "".join(
                f'<figure class="s{size}"><figcaption>{size}</figcaption><a href="{path}"><img src="{path}" loading="lazy" alt=""></a></figure>'
                for size, path in shot["pictures"].items()
            )
            parts.append(
                f"<section><h3>{escape(shot['view'])} · {escape(shot['role'])}</h3><code>{escape(shot['path'])}</code>"
                f'<ul>{findings}</ul><div class="row">{pictures}</div></section>'
            )
    (out / "index.html").write_text("\n".join(parts), "utf-8")
    print(out / "index.html")
