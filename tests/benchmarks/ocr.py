"""Measures OCR on pages that we print, scan and know: characters and accented words read wrong, by language.

    python -m tests.benchmarks.ocr [FONT.ttf …]

The extra ``ocr`` is needed, and fonts with all the letters, by default DejaVu. "Dirty" pages are turned by 0.8 degrees,
blurred and full of noise. The character error rate counts edits over characters; all kinds of quotation marks and
dashes count as one, and line breaks as spaces. Seconds are given as a multiple of what drawing the page takes.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import pypdfium2
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from corpus.parsing.ocr import RapidOcr
from corpus.parsing.pdf import PdfParser
from tests.prints import HEIGHT, WIDTH, printed, scanned

FONTS = [Path("/usr/share/fonts/truetype/dejavu") / name for name in ("DejaVuSans.ttf", "DejaVuSerif.ttf")]
SIZE, LEADING, MARGIN = 10, 14, 65
PLAIN = str.maketrans("“”„«»’‘–—", '"""""\'\'--')

TEXTS = {
    "English": (
        "The harbour council of Rozewie met on 2 March 2026 to decide what becomes of the old lighthouse."
        " Nine members came, two sent their regrets, and the chair opened the session half an hour late"
        " because of fog.",
        "Its lamp was lit for the first time in 1822 and has been dark since the winter storms of the year"
        " before last. Repairing it would cost about €43,500 (roughly 185,000 crowns), which the council does"
        " not have.",
        "“We ask for nothing but the cellar,” said the fishermen’s speaker, “and for a bench in front of the"
        " door.” The treasurer objected that the cellar belongs to the coastguard; nobody had asked the"
        " coastguard.",
        "Until then the tower stays locked. Visitors may walk around it at low tide, but are advised against"
        " the northern path, where stones have fallen twice since the autumn and the railing is broken.",
    ),
    "Polish": (
        "Rada portu w Różewiu zebrała się 2 marca 2026 r., żeby zdecydować, co stanie się ze starą latarnią."
        " Przyszło dziewięcioro członków, dwóch przysłało usprawiedliwienia, a przewodnicząca otworzyła"
        " posiedzenie pół godziny później z powodu mgły.",
        "Jej światło zapłonęło po raz pierwszy w 1822 roku, a po zeszłorocznych sztormach zgasło. Naprawa"
        " kosztowałaby około 185 000 zł, których gmina nie ma. Źródła pieniędzy nie wskazano; żądań, próśb i"
        " wniosków było jednak aż nadto.",
        "„Nie chcemy niczego prócz piwnicy” – rzekł mówca rybaków – „i ławki przed drzwiami”. Skarbnik"
        " zauważył, że piwnica należy do straży przybrzeżnej, a nikt strażników o zdanie nie spytał. Łódź,"
        " Śniardwy, Ćmielów, Święta Lipka.",
        "Do tego czasu wieża pozostanie zamknięta. Odwiedzający mogą ją obejść podczas odpływu, lecz odradza"
        " się północną ścieżkę, gdzie od jesieni dwukrotnie osunęły się głazy, a poręcz jest złamana. Gęś,"
        " jaźń, łąka, więź, żółć.",
    ),
    "German": (
        "Der Hafenrat von Rozewie trat am 2. März 2026 zusammen, um über den alten Leuchtturm zu entscheiden."
        " Neun Mitglieder kamen, zwei ließen sich entschuldigen, und die Vorsitzende eröffnete die Sitzung"
        " wegen des Nebels mit halbstündiger Verspätung.",
        "Sein Licht wurde 1822 zum ersten Mal entzündet und ist seit den Stürmen des vorletzten Winters"
        " erloschen. Die Ausbesserung würde rund 43.500 € kosten, die der Rat nicht hat. Größere Zuschüsse"
        " wären nötig, hieß es.",
        "„Wir möchten nichts außer dem Keller“, sagte der Sprecher der Fischer, „und eine Bank vor der Tür.“"
        " Der Kämmerer wandte ein, der Keller gehöre der Küstenwache; die aber hatte niemand gefragt.",
        "Bis dahin bleibt der Turm geschlossen. Besucher dürfen ihn bei Ebbe umrunden, vom nördlichen Weg"
        " wird jedoch abgeraten: Dort sind seit dem Herbst zweimal Felsbrocken gestürzt, und das Geländer ist"
        " gebrochen. Öl, Äste, Übermaß.",
    ),
    "French": (
        "Le conseil du port de Rozewie s’est réuni le 2 mars 2026 pour décider du sort du vieux phare. Neuf"
        " membres étaient présents, deux s’étaient excusés, et la présidente a ouvert la séance avec une"
        " demi-heure de retard à cause du brouillard.",
        "Sa lampe fut allumée pour la première fois en 1822 ; elle est éteinte depuis les tempêtes de"
        " l’avant-dernier hiver. La réparation coûterait près de 43 500 €, que le conseil n’a pas. Où trouver"
        " l’argent ? Nul ne le sait.",
        "« Nous ne demandons rien d’autre que la cave », a déclaré le porte-parole des pêcheurs, « et un banc"
        " devant la porte. » Le trésorier a objecté que la cave appartient aux garde-côtes : personne ne les"
        " avait consultés.",
        "D’ici là, la tour reste fermée. Les visiteurs peuvent en faire le tour à marée basse, mais on leur"
        " déconseille le sentier du nord, où des pierres sont tombées à deux reprises et où le garde-fou est"
        " brisé. Hâte, maïs, cœur, çà et là, naïveté.",
    ),
}


def page(paragraphs: Sequence[str], font: str) -> bytes:
    """A page of paragraphs."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, SIZE)
        top = HEIGHT - 80
        for paragraph in paragraphs:
            line = ""
            for word in [*paragraph.split(), None]:
                if word is None or stringWidth(f"{line} {word}", font, SIZE) > WIDTH - 2 * MARGIN:
                    canvas.drawString(MARGIN, top, line)
                    top -= LEADING
                    line = ""
                line = f"{line} {word}".strip()
            top -= LEADING

    return printed(draw)


def edits(got: str, wanted: str) -> int:
    """The Levenshtein distance."""
    row = list(range(len(wanted) + 1))
    for number, char in enumerate(got, start=1):
        above, row[0] = row[0], number
        for place, other in enumerate(wanted, start=1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (char != other))
    return row[-1]


def accented(text: str) -> Counter[str]:
    return Counter(word for word in re.findall(r"\w+", text) if not word.isascii())


def main(fonts: Sequence[Path]) -> None:
    for font in fonts:
        registerFont(TTFont(font.stem, font))
    ocr = RapidOcr()
    parser = PdfParser(ocr)
    print(f"{ocr.name}, {', '.join(font.stem for font in fonts)}, {SIZE} points, 200 dots per inch\n")
    print("| language | page | character error rate | accented words read | mean confidence | times drawing |")
    print("|---|---|---|---|---|---|")
    for language, paragraphs in TEXTS.items():
        wanted = " ".join(" ".join(paragraphs).translate(PLAIN).split())
        for name, dirt in (("clean", {}), ("dirty", {"degrees": 0.8, "noise": 20})):
            wrong, found, words, sure, ratios = 0, 0, 0, [], []
            for font in fonts:
                scan = scanned(page(paragraphs, font.stem), **dirt)
                start = time.perf_counter()
                pypdfium2.PdfDocument(scan)[0].render(scale=200 / 72, grayscale=True)
                drawn = time.perf_counter()
                parsed = parser.parse(scan)
                ratios.append((time.perf_counter() - drawn) / (drawn - start))
                got = " ".join(parsed.text.translate(PLAIN).split())
                wrong += edits(got, wanted)
                found += (accented(got) & accented(wanted)).total()
                words += accented(wanted).total()
                sure.append(float(re.findall(r"mean confidence (\d\.\d+)", parsed.warnings[0])[0]))
            rate = wrong / (len(wanted) * len(fonts))
            read = f"{found} of {words}" if words else "none there"
            print(
                f"| {language} | {name} | {rate:.4f} | {read} | {fmean(sure):.2f} | {fmean(ratios):.0f} |", flush=True
            )


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]] or FONTS)
