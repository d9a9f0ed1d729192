"""Web pages made for tests: seven kinds of sites, three invented articles, and each page's main text word for word.

In articles ``*…*`` is stressed and ``[…]`` a link. In the sites' templates what must not be read stands between ``«``
and ``»``; the marks are taken out of the page, and what stood between them is the page's furniture. A few words around
the article have no marks: they are no main text either, and reading them is a small fault.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

_FURNITURE = re.compile(r"«(.*?)»", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside an article."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What somebody said, set apart."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table; its first row names the columns."""

    rows: tuple[tuple[str, ...], ...]


Part = Heading | Paragraph | Quote | Items | Rows


@dataclass(frozen=True, slots=True)
class Article:
    """An article, and the notes that some sites put under it."""

    name: str
    language: str
    title: str
    date: str
    parts: tuple[Part, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as a browser saves it, what should be read from it, and what should not."""

    name: str
    article: Article
    data: bytes
    main: tuple[Part, ...]
    furniture: frozenset[str]
    publisher: str | None


@dataclass(frozen=True, slots=True)
class Site:
    """A kind of site: a template, and what it adds to the main text: a box above, notes below."""

    name: str
    publisher: str | None
    template: Callable[[Article], str]
    notes: bool = False
    above: tuple[Part, ...] = ()

    def page(self, article: Article) -> Page:
        """The article on this site."""
        marked = self.template(article)
        furniture = frozenset(html.unescape(phrase) for phrase in _FURNITURE.findall(marked))
        text = marked.replace("«", "").replace("»", "")
        declared = re.search(r"charset=\"?([\w-]+)", text)
        data = text.encode(declared[1] if declared else "utf-8", "xmlcharrefreplace")
        notes = map(Paragraph, article.notes) if self.notes else ()
        main = (*self.above, *article.parts, *notes)
        return Page(f"{self.name}: {article.name}", article, data, main, furniture, self.publisher)


def said(part: Part) -> list[str]:
    """The texts of a part without marks: one, or one for each item or cell."""
    texts = (
        [part.text]
        if isinstance(part, Heading | Paragraph | Quote)
        else list(part.texts if isinstance(part, Items) else chain(*part.rows))
    )
    return [re.sub(r"[*\[\]]", "", text) for text in texts]


def _inline(text: str) -> str:
    linked = re.sub(r"\[(.*?)\]", r'<a href="/topics/9">\1</a>', html.escape(text, quote=False))
    return re.sub(r"\*(.*?)\*", r"<strong>\1</strong>", linked)


def _part(part: Part, heading: str = "h2") -> str:
    match part:
        case Heading():
            return f"<{heading}>{_inline(part.text)}</{heading}>"
        case Quote():
            return f"<blockquote><p>{_inline(part.text)}</p></blockquote>"
        case Items():
            return f"<ul>{''.join(f'<li>{_inline(text)}</li>' for text in part.texts)}</ul>"
        case Rows():
            head, *rest = part.rows
            first = "".join(f"<th>{_inline(cell)}</th>" for cell in head)
            body = "".join(f"<tr>{''.join(f'<td>{_inline(cell)}</td>' for cell in row)}</tr>" for row in rest)
            return f'<table class="data"><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>'
        case Paragraph():
            return f"<p>{_inline(part.text)}</p>"


def _parts(article: Article, *, boxes: dict[int, str] | None = None) -> Iterator[str]:
    """The parts of an article, with boxes before some of them."""
    for number, part in enumerate(article.parts):
        yield (boxes or {}).get(number, "")
        yield _part(part)


def _links(*names: str) -> str:
    return "".join(f'<li class="menu-item"><a href="/section/{n}">«{name}»</a></li>' for n, name in enumerate(names))


def _news(article: Article) -> str:
    promo = """<aside class="inline-promo"><h4>«Read also»</h4><a href="/story/771">«Eleven bakeries that open before
      dawn»</a></aside>"""
    advert = '<div class="ad-slot ad-slot--mid" aria-label="Advertisement"><span>«Advertisement»</span></div>'
    boxes = {3: promo, 6: advert}
    graph = f"""{{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "{article.title}",
      "datePublished": "{article.date}T06:15:00+01:00", "dateModified": "{article.date}T09:40:00+01:00",
      "author": {{"@type": "Person", "name": "Mira Holt"}},
      "publisher": {{"@type": "Organization", "name": "The Orlin Herald"}}}}"""
    stories = "".join(
        f'<article class="teaser"><h3><a href="/story/{n}">«{head}»</a></h3><p class="teaser__text">«{text}»</p>'
        "</article>"
        for n, (head, text) in enumerate(
            (
                ("Mayor opens the third swimming hall", "Tickets stay free for children until the end of the summer."),
                ("Why the market clock runs backwards", "A repair of 1931 is to blame, says the man who winds it."),
                ("Opinion: leave the plane trees alone", "Our columnist counts shadows and comes to a hundred."),
            )
        )
    )
    comments = "".join(
        f'<li class="comment"><b class="comment__author">«{who}»</b><p>«{text}»</p><a href="#r">«Reply to {who}»</a>'
        "</li>"
        for who, text in (
            ("riverman58", "Finally somebody writes about this, it was about time if you ask me."),
            ("Tilda K.", "My grandfather would have laughed at every single number in here."),
            ("just_reading", "Does anyone know where the second photograph was taken?"),
        )
    )
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
    <title>{article.title} | The Orlin Herald</title>
    <meta property="og:site_name" content="The Orlin Herald"><meta property="og:type" content="article">
    <meta property="og:title" content="{article.title}"><meta property="og:url" content="https://herald.example/s/1">
    <script type="application/ld+json">{graph}</script><style>.teaser{{display:grid}}</style></head>
    <body class="article-page"><div id="cookie-banner" class="cookie-consent" role="dialog"><p>«We and our 143 partners
    store cookies on your device to measure audiences.»</p><button>«Accept all»</button>
    <button>«Manage choices»</button>
    </div><header class="site-header"><a class="logo" href="/">«The Orlin Herald»</a><nav class="mega-menu"><ul>
    {_links("Home page", "World affairs", "Regional news", "Money and markets", "Sport results", "Weather and roads")}
    <li class="menu-item has-children"><a href="/more">«More sections»</a><ul class="sub-menu">
    {_links("Crosswords", "Horoscope", "Obituaries", "Holiday homes", "Podcasts", "Letters to the editor")}</ul></li>
    </ul></nav><form role="search"><input placeholder="Search"><button>«Search the Herald»</button></form></header>
    <main><div class="breadcrumbs"><a href="/">«Front»</a> › <a href="/r">«Regional news»</a></div><article>
    <header><h1>{article.title}</h1><p class="byline">«By Mira Holt»</p><time datetime="{article.date}T06:15:00+01:00">
    «{article.date}, 6:15 in the morning»</time><div class="share-buttons"><a href="#f">«Share on Chirper»</a>
    <a href="#w">«Send by mail»</a><a href="#c">«Copy link»</a></div></header><div class="article-body">
    {"".join(_parts(article, boxes=boxes))}</div><div class="tags">«Filed under»
    <a href="/t/1" rel="tag">«slow news»</a> <a href="/t/2" rel="tag">«the region»</a></div></article>
    <section class="newsletter-signup"><h3>«The day in five minutes»</h3><p>«Get our newsletter in your mailbox every
    morning at six.»</p><input type="email"><button>«Sign me up»</button></section>
    <section class="related-articles"><h2>«Most read this week»</h2>{stories}</section>
    <section id="comments" class="comments-area"><h2>«Comments (3)»</h2><ol class="comment-list">{comments}</ol>
    </section>
    </main><footer class="site-footer"><ul>{_links("Imprint", "Privacy notice", "Advertise with us")}</ul>
    <p>«© Orlin Herald Media. All rights reserved.»</p></footer></body></html>"""


def _ministry(article: Article) -> str:
    body = "\n".join(_parts(article))
    return f"""<!DOCTYPE html><html lang="{article.language}" dir="ltr"><head>
    <meta http-equiv="Content-Type" content="text/html; charset=utf-8">
    <title>{article.title} - Ministry of Roads</title>
    <meta property="og:title" content="{article.title}">
    <meta property="og:site_name" content="Ministry of Roads and Rivers">
    <meta name="DC.date" content="{article.date}"><meta name="date" content="{article.date}"></head><body>
    <a class="skip-link visually-hidden" href="#main">«Skip to main content»</a><div class="gov-banner">«An official
    website of the Republic»</div><header><div class="language-switcher"><a href="/en">«English»</a>
    <a href="/de">«German»</a></div><nav aria-label="Main"><ul>{_links("The Minister", "Departments", "Legislation")}
    {_links("Public tenders", "Careers in the ministry", "Press office")}</ul></nav></header>
    <nav class="breadcrumb" aria-label="Breadcrumb"><ol>{_links("Start page", "Media room", "Press releases")}</ol>
    </nav>
    <div class="layout"><aside class="sidebar"><h2>«In this section»</h2><ul>{_links("Speeches", "Accreditation")}
    {_links("Photo library", "Calendar of the Minister")}</ul></aside><div id="main" role="main" class="content">
    <h1 class="page-title">{article.title}</h1><p class="meta">«Press release no. 41/26»,
    <time datetime="{article.date}">«published {article.date}»</time></p><div class="field field--name-body">
    {body}</div><div class="contact-box"><h2>«Contact for the media»</h2><p>«Press office of the ministry, 4 Weir
    Street»<br>«telephone 555 0142, open from nine to four»</p><p>
    <a href="mailto:p@m.example">«press@roads.example»</a></p>
    </div><div class="social-share"><span>«Share this page»</span><a href="#">«Print this page»</a></div></div></div>
    <footer><div class="footer-nav"><ul>{_links("Accessibility", "Legal notice", "Site map", "Freedom of information")}
    </ul></div><p>«Ministry of Roads and Rivers, all content under the open licence»</p></footer></body></html>"""


def _think_tank(article: Article) -> str:
    marks = iter(range(1, len(article.notes) + 1))
    body = []
    for number, part in enumerate(article.parts):
        mark = next(marks, None) if isinstance(part, Paragraph) and number > 1 else None
        note = f'<sup><a href="#fn{mark}" id="ref{mark}">[{mark}]</a></sup></p>' if mark else "</p>"
        body.append(_part(part).replace("</p>", note) if mark else _part(part))
    notes = "".join(
        f'<li id="fn{n}"><p>{_inline(text)} <a href="#ref{n}" class="footnote-back">↩</a></p></li>'
        for n, text in enumerate(article.notes, start=1)
    )
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8"><title>{article.title}</title>
    <meta name="citation_title" content="{article.title}"><meta name="citation_author" content="Jonas Weide">
    <meta property="og:title" content="{article.title}">
    <meta property="og:site_name" content="Institute for Slow Policy">
    <meta property="article:published_time" content="{article.date}T00:00:00Z"></head><body class="publication">
    <header id="masthead"><nav class="navbar"><ul>{_links("Research", "Events", "Our experts", "Support our work")}</ul>
    </nav></header><div class="wrapper"><div class="col-left"><div class="toc"><h3>«On this page»</h3><ul>
    {_links("Jump to summary", "Jump to notes")}</ul></div><div class="download"><a href="/p.pdf">«Download as PDF»</a>
    <a href="#cite">«Cite this brief»</a></div></div><article class="publication__body">
    <p class="series">«Policy brief 17»</p>
    <h1>{article.title}</h1><p class="publication__date">«{article.date}»</p><div class="entry-content">
    {"".join(body)}<section class="footnotes" role="doc-endnotes"><hr><ol>{notes}</ol></section></div>
    <div class="author-box"><img src="w.jpg" alt="Jonas Weide"><h4>«About the author»</h4>
    <p class="author-bio">«Jonas Weide
    is a senior fellow at the institute. He holds a doctorate in cartography and keeps goats.»</p></div></article>
    <aside class="sidebar related"><h3>«Related publications»</h3><ul>{_links("The economics of benches")}
    {_links("Ferry timetables as foreign policy", "A short history of queues")}</ul></aside></div>
    <div class="donate-banner"><p>«Independent research needs independent funding. Give what you can.»</p></div>
    <footer class="footer"><p>«Institute for Slow Policy, registered charity 20417»</p></footer></body></html>"""


def _blog(article: Article) -> str:
    comments = "".join(
        f'<li class="comment even depth-1"><div class="comment-meta">«{who} says»</div><div class="comment-content">'
        f"<p>«{text}»</p></div></li>"
        for who, text in (("Greta", "Lovely post, thank you for the pictures!"), ("Old Tom", "First time I disagree."))
    )
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
    <title>{article.title} – Notes from the Ferry House</title><meta property="og:title" content="{article.title}">
    <meta property="og:site_name" content="Notes from the Ferry House"><meta name="generator" content="Press 9.1">
    </head>
    <body class="single single-post"><header class="site-header"><p class="site-title"><a href="/">«Notes from the Ferry
    House»</a></p><p class="site-description">«A slow diary, written mostly by lamp light»</p><nav id="site-navigation">
    <ul id="primary-menu">{_links("About me", "Archive by year", "Guest book")}</ul></nav></header>
    <div id="content" class="site-content"><main id="primary"><article id="post-88" class="post type-post hentry">
    <header class="entry-header"><h1 class="entry-title">{article.title}</h1><div class="entry-meta">
    <span class="posted-on">«Posted on» <time class="entry-date published" datetime="{article.date}T20:11:00+00:00">
    «{article.date}»</time></span><span class="byline"> «by the ferry keeper»</span></div></header>
    <div class="entry-content">{"".join(_parts(article))}</div><footer class="entry-footer">
    <span class="cat-links">«Posted
    in» <a href="/c/1" rel="category tag">«Weather and other guests»</a></span></footer></article>
    <nav class="navigation post-navigation"><div class="nav-links"><a rel="prev" href="/p">«Previous: The kettle
    question»</a><a rel="next" href="/n">«Next: Counting oars»</a></div></nav>
    <div class="sharedaddy sd-sharing-enabled">
    <h3 class="sd-title">«Share this:»</h3><ul>{_links("Click to share by pigeon", "Click to print")}</ul></div>
    <div id="comments" class="comments-area"><h2 class="comments-title">«2 thoughts on this»</h2>
    <ol class="comment-list">
    {comments}</ol><div id="respond" class="comment-respond"><h3>«Leave a Reply»</h3>
    <p class="comment-notes">«Your email
    address will not be published.»</p></div></div></main><aside id="secondary" class="widget-area">
    <section class="widget">
    <h2 class="widget-title">«Recent Posts»</h2>
    <ul>{_links("The kettle question", "Counting oars", "A gull named Otto")}
    </ul></section><section class="widget"><h2>«Subscribe by mail»</h2><p>«Enter your address and receive every
    post.»</p></section></aside></div><footer id="colophon"><p>«Proudly powered by rain»</p></footer></body></html>"""


_FACTS = Rows(
    (
        ("Facts at a glance", ""),
        ("Founded by decree", "1908"),
        ("Elevation class", "412 m"),
        ("Keeper in office", "A. Sand"),
    )
)


def _wiki(article: Article) -> str:
    edit = '<span class="mw-editsection"><span>[</span><a href="/w?edit">«edit this section»</a><span>]</span></span>'
    body = [
        f'<div class="mw-heading">{_part(part)}{edit}</div>' if isinstance(part, Heading) else _part(part)
        for part in article.parts
    ]
    rows = "".join(f"<tr><th scope='row'>{name}</th><td>{value}</td></tr>" for name, value in _FACTS.rows[1:])
    return f"""<!DOCTYPE html><html class="client-js" lang="{article.language}"><head><meta charset="UTF-8">
    <title>{article.title} – Orlinpedia</title><meta property="og:title" content="{article.title} – Orlinpedia">
    <script type="application/ld+json">{{"@context": "https://schema.org", "@type": "Article", "name":
    "{article.title}",
    "headline": "{article.title}", "datePublished": "{article.date}T10:00:00Z",
    "publisher": {{"@type": "Organization", "name": "Orlinpedia Society"}}}}</script></head>
    <body class="mediawiki skin-v">
    <div id="mw-page-base" class="noprint"></div><div id="siteNotice">
    <p>«Readers of Orlinpedia, please give the price of
    a coffee.»</p></div><div id="mw-navigation"><div class="vector-menu"><h3>«Navigation menu»</h3><ul>
    {_links("Main page", "Random article", "Recent changes", "What links here", "Special pages", "Log in")}</ul></div>
    </div>
    <div id="content" class="mw-body" role="main"><h1 id="firstHeading" class="firstHeading">{article.title}</h1>
    <div id="bodyContent"><div id="siteSub" class="noprint">«From Orlinpedia, the encyclopedia by neighbours»</div>
    <div id="mw-content-text" class="mw-body-content"><div class="mw-parser-output"><div role="note" class="hatnote
    navigation-not-searchable">«For other uses, see» <a href="/d">«the disambiguation page»</a>.</div>
    <table class="infobox vcard"><tbody><tr><th colspan="2">Facts at a glance</th></tr>{rows}</tbody></table>
    {"".join(body[:2])}<div id="toc" class="toc" role="navigation"><h2>«Contents of this article»</h2><ul>
    {_links("1 First things", "2 Second things", "3 See elsewhere")}</ul></div>{"".join(body[2:])}
    <div role="navigation" class="navbox"><table class="navbox-inner"><tbody><tr>
    <th class="navbox-title">«Subjects of the
    Orlin region»</th></tr><tr><td><ul>{_links("Rivers of Orlin", "Bridges of Orlin", "Cheeses of Orlin")}</ul></td>
    </tr>
    </tbody></table></div></div></div><div id="catlinks" class="catlinks"><a href="/c">«Categories»</a>: <ul>
    {_links("Articles with unsourced goats", "Pages that use neighbours")}</ul></div></div></div><div id="footer"
    role="contentinfo"><ul><li>«This page was last edited by a neighbour.»</li><li>«Text is available under the common
    licence.»</li></ul></div></body></html>"""


def _ticker(article: Article) -> str:
    entries = []
    for number, part in enumerate(article.parts):
        if isinstance(part, Heading) or not entries:
            time = f"{18 - number // 4}:{(59 - number * 7) % 60:02}"
            share = '<div class="css-s8"><a href="#">«Share this update»</a></div>'
            opening = f'<time datetime="{article.date}T{time}">«{time} o’clock»</time>'
            entries.append([f'<div class="css-e5" id="e{number}">{opening}', f"{share}</div>"])
        entries[-1].insert(-1, _part(part, "h3"))
    return f"""<!DOCTYPE html><html lang="{article.language}"><head><meta charset="utf-8">
    <title>{article.title} | Kanal Neun</title><meta property="og:title" content="{article.title}">
    <script type="application/ld+json">{{"@context": "https://schema.org", "@type": "LiveBlogPosting",
    "headline": "{article.title}", "datePublished": "{article.date}T07:00:00+01:00", "coverageStartTime":
    "{article.date}T07:00:00+01:00", "publisher": {{"@type": "Organization", "name": "Kanal Neun"}}}}</script></head>
    <body>
    <div class="css-9fk2"><p>«Before you continue: choose how your data is used.»</p><button>«Only what is
    necessary»</button></div><div class="css-1xq"><a href="/b">«Breaking: fog on the northern motorway»</a></div>
    <header><nav><ul>{_links("Live television", "Programme guide", "Regional studios", "Traffic radio")}</ul></nav>
    </header>
    <main><h1>{article.title}</h1><div class="css-77k"><span>«LIVE»</span> <span>«Last update a minute
    ago»</span><button>«Load new updates»</button></div><div class="css-p03"><h2>Key moments</h2><ul>
    {_links("How the day began", "What the experts say", "Pictures from the place")}</ul></div>
    <div class="css-l0">{"".join("".join(entry) for entry in entries)}</div><button class="css-b1">«Show older
    entries»</button><div class="css-3tz"><h2>«You might also like»</h2><ul>
    {_links("The singing policeman of Weir Street", "Quiz: which cloud are you")}</ul></div></main>
    <footer><p>«Kanal Neun is a public broadcaster. Complaints to the viewers’ council.»</p></footer></body></html>"""


def _old_part(part: Part) -> str:
    """Paragraphs are parted by empty lines."""
    return f"{_inline(part.text)}<br><br>" if isinstance(part, Paragraph) else _part(part, "h3")


def _old(article: Article) -> str:
    encoding = "iso-8859-2" if article.language == "pl" else "windows-1252"
    cells = "".join(
        f'<tr><td bgcolor="#ccddee"><a href="p{n}.htm">«{name}»</a></td></tr>'
        for n, name in enumerate(
            (
                "Back to the index",
                "The society’s statutes",
                "Photographs 1998 to 2003",
                "Links to friends",
                "Visitors’ book",
            )
        )
    )
    body = "\n".join(_old_part(part) for part in article.parts).replace("</p>", "").replace("</li>", "")
    return f"""<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset={encoding}">
    <TITLE>{article.title}</TITLE><META NAME="date" CONTENT="{article.date}"></HEAD>
    <BODY BGCOLOR="#FFFFFF" LINK="#000099"><TABLE WIDTH="760" BORDER="0" CELLPADDING="4"><TR><TD COLSPAN="2"
    BGCOLOR="#003366"><FONT COLOR="#FFFFFF" SIZE="5">«Friends of the Orlin Valley»</FONT></TD></TR><TR>
    <TD WIDTH="150" VALIGN="top"><TABLE>{cells}</TABLE><P><FONT SIZE="1">«You are visitor number 004711»</FONT></TD>
    <TD VALIGN="top"><H1>{article.title}</H1>
    {body}
    </TD></TR><TR><TD COLSPAN="2" ALIGN="center"><HR>
    <FONT SIZE="1">«Best viewed at 800 by 600. Mail the webmaster.»</FONT>
    </TD></TR></TABLE></BODY></HTML>"""


_TRAIN = Article(
    "night train",
    "en",
    "Night train to the coast returns after eleven years",
    "2026-03-14",
    (
        Paragraph(
            "The night train between Orlin and the port of Vessel will run again from the first Friday in June. The"
            " [regional railway] confirmed on Tuesday that it has rented nine sleeping cars from a company in the north"
            " and that the first tickets go on sale in *three weeks*."
        ),
        Paragraph(
            "The connection was given up eleven years ago, when the track between the two tunnels was closed for what"
            " was then called a short repair. Since that spring passengers have had to change twice and spend the small"
            " hours in the waiting room of Kessel Junction, which has no heating."
        ),
        Heading("A timetable with one long stop"),
        Paragraph(
            "According to the plan, the train leaves Orlin at 21:40 and reaches the harbour at 6:55 in the morning. It"
            " will stand for seventy minutes in Kessel, because goods trains carrying gravel have the right of way on"
            " the single track and nobody could be persuaded to move them."
        ),
        Paragraph(
            "Railway engineers say that the wait has an advantage. The dining car can be supplied there with fresh"
            " bread, and passengers who arrive late from the mountain valleys have a second chance to board."
        ),
        Quote(
            "We are not building the fastest train in the country. We are building the one in which you wake up and"
            " smell the sea, and for which you need no alarm clock."
        ),
        Paragraph(
            "So said Agnes Rohn, who leads the project, at a meeting in the old engine shed. About two hundred people"
            " came, many of them with photographs of the former train, whose blue cars were sold for scrap."
        ),
        Heading("What the tickets cost"),
        Paragraph(
            "Prices depend on how much privacy a traveller wants. A seat is the cheapest choice, and bicycles travel"
            " free of charge as long as they are booked two days ahead."
        ),
        Rows(
            (
                ("Category", "One way", "Return"),
                ("Reclining seat", "18 crowns", "31 crowns"),
                ("Bunk in a cabin for four", "44 crowns", "79 crowns"),
                ("Cabin for one", "96 crowns", "180 crowns"),
            )
        ),
        Paragraph("Children under seven pay nothing. The railway also promises, in writing, that"),
        Items(
            (
                "every cabin has a window that can be opened;",
                "breakfast is served from *five o’clock* on, without extra charge;",
                "whoever arrives more than two hours late gets half of the price back.",
            )
        ),
        Paragraph(
            "The towns along the line have put 2.6 million crowns into a common fund that covers losses during the"
            " first"
            " three winters. Kessel gives the largest share, [Lower Brook] has not decided yet, and the council of"
            " Marren voted against it by a single vote."
        ),
        Paragraph(
            "Critics doubt that the cars will be full between November and March. A study by two students found that"
            " 340 passengers a night are needed to break even, while the former train carried 210 in its last year."
        ),
        Paragraph(
            "The railway answers that the old figures say little, since half of the nights were cancelled then. It will"
            " publish its own count every month and decide in the autumn of next year whether a second train follows."
        ),
    ),
    (
        "All amounts are in crowns of the year 2025 and include the surcharge for the tunnel.",
        "The waiting room was measured on nine January nights; its mean temperature was *four degrees*.",
        "The students’ paper has been deposited in the library of the technical school in Vessel.",
    ),
)

_SNOW = Article(
    "snow gauges",
    "en",
    "Two gauges, two winters: what the snow on Mount Orlin tells",
    "2026-01-27",
    (
        Paragraph(
            "On Mount Orlin two instruments stand within sight of each other, and for fourteen years they have"
            " disagreed."
            " The older one, a wooden staff with painted marks, reports that winters are growing whiter. The newer, a"
            " [laser on a steel mast], reports the opposite."
        ),
        Paragraph(
            "The difference matters, because the reservoirs of three districts are filled by what melts up there"
            " between"
            " April and June. If the staff is right, the planned *fourth dam* is superfluous; if the laser is right, it"
            " comes too late."
        ),
        Heading("The wind decides"),
        Paragraph(
            "Our measurements of the last two seasons suggest that both instruments are honest. The staff stands in a"
            " hollow, where snow that the wind has carried off the ridge comes to rest. The mast stands on the ridge"
            " and"
            " sees what is left."
        ),
        Paragraph(
            "Since 2015 the number of days with storms from the west has risen from nineteen to thirty-three a season."
            " More snow is moved, and so the hollow gains what the ridge loses. The sum of the two has hardly changed"
            " at"
            " all."
        ),
        Rows(
            (
                ("Season", "Staff, cm", "Laser, cm", "Stormy days"),
                ("2013 to 2014", "171", "168", "21"),
                ("2019 to 2020", "204", "131", "29"),
                ("2024 to 2025", "226", "109", "33"),
            )
        ),
        Paragraph(
            "A simple correction, which needs nothing but the wind recorded at the hut, brings both series within six"
            " centimetres of one another. We tested it on the four winters that had not been used to find it."
        ),
        Heading("What should be done"),
        Paragraph(
            "The institute therefore makes three recommendations to the water board, none of which is expensive:"
        ),
        Items(
            (
                "Keep both gauges, and never again quote one of them alone.",
                "Place a third mast at the lower edge of the forest, where the wind is weak.",
                "Publish the [daily readings] together with the wind, so that anybody can repeat the correction.",
            )
        ),
        Paragraph(
            "The board has known about the contradiction since 2018. Its minutes of that year contain a remark that"
            " deserves to be remembered, made by the keeper of the hut, who had been asked which device he trusted:"
        ),
        Quote(
            "I trust my shovel. In some years I dig out the door and in some years I dig out the bench on the ridge,"
            " and"
            " it is never both in the same week."
        ),
        Paragraph(
            "It took seven years until somebody compared his diary with the storms. The diary agrees with the corrected"
            " series better than either instrument does on its own, with a correlation of 0.91."
        ),
        Paragraph(
            "Whether the dam is needed cannot be read from fourteen winters. What can be read is that a decision about"
            " eighty million crowns should not hang on the question where somebody once drove a staff into the ground."
        ),
        Paragraph(
            "A public hearing takes place in the town hall of Marren on 11 February. Both instruments, it is said, will"
            " be represented, and so will the shovel."
        ),
    ),
    (
        "Depths are means of the months December to March and were read at *seven in the morning*.",
        "Days count as stormy when the hourly mean wind at the hut exceeds fourteen metres per second.",
        "The diary covers eleven of the fourteen winters; three volumes were lost when the hut was rebuilt.",
    ),
)

_FERRY = Article(
    "prom",
    "pl",
    "Prom na wyspę Sowią wraca po zimowej przerwie",
    "2026-04-02",
    (
        Paragraph(
            "Od najbliższej soboty prom „Rybitwa” znów będzie kursował między Starą Przystanią a wyspą Sowią. Jednostka"
            " przeszła zimą remont kadłuba, a jej [silnik] wymieniono na *elektryczny*, pierwszy na tym jeziorze."
        ),
        Paragraph(
            "Mieszkańcy wyspy czekali na tę chwilę od listopada. Przez pięć miesięcy po zakupy i do lekarza pływali"
            " łodzią strażaków, która zabierała najwyżej sześć osób, a przy silnym wietrze nie wypływała wcale."
        ),
        Heading("Cichszy silnik, krótsza droga"),
        Paragraph(
            "Nowy napęd pozwala płynąć bliżej brzegu, gdzie gniazdują perkozy i gdzie spalinowym łodziom wstęp jest"
            " wzbroniony. Dzięki temu przeprawa potrwa osiemnaście minut, czyli o siedem minut krócej niż dawniej."
        ),
        Paragraph(
            "Akumulatory ładują się przy pomoście podczas każdego postoju. Energii dostarcza dach pobliskiej suszarni"
            " ziół, a w pochmurne dni zwykła sieć. Zapas wystarcza na cztery rejsy bez ładowania."
        ),
        Quote(
            "Pierwszy raz słyszę na pokładzie własne myśli. Obawiałem się, że łódź bez warkotu będzie jak dom bez"
            " zegara, ale po tygodniu już mi go nie brakuje."
        ),
        Paragraph(
            "Tak o próbnych rejsach opowiada kapitan Wincenty Żuraw, który prowadzi prom od dwudziestu dwóch lat. W tym"
            " sezonie pomagać mu będzie dwoje uczniów szkoły żeglugi śródlądowej."
        ),
        Heading("Rozkład i ceny"),
        Paragraph(
            "W kwietniu i maju prom odpływa cztery razy dziennie, od czerwca zaś co godzinę. Ostatni rejs z wyspy"
            " zaplanowano na dwudziestą, żeby można było zdążyć na autobus do miasta."
        ),
        Rows(
            (
                ("Bilet", "W jedną stronę", "Powrotny"),
                ("Normalny", "9 zł", "16 zł"),
                ("Ulgowy", "5 zł", "9 zł"),
                ("Rower lub wózek", "3 zł", "5 zł"),
            )
        ),
        Paragraph("Gmina przypomina pasażerom o kilku zasadach, które obowiązują już w tym roku:"),
        Items(
            (
                "bilety kupuje się wyłącznie na przystani, przed wejściem na pokład;",
                "psy podróżują bezpłatnie, lecz *w kagańcu*;",
                "wiosłowych łodzi nie wolno cumować przy pomoście dłużej niż kwadrans.",
            )
        ),
        Paragraph(
            "Remont kosztował gminę 1,4 miliona złotych, z czego połowę pokryła [fundacja Zielone Jeziora]. Pierwotny"
            " kosztorys był o jedną trzecią niższy, ale pod podłogą maszynowni znaleziono rdzę."
        ),
        Paragraph(
            "Opozycja w radzie zarzuca wójtowi, że nie ogłosił przetargu na akumulatory. Wójt odpowiada, że na"
            " zapytanie"
            " zgłosiła się tylko jedna firma i że wszystkie umowy wiszą na tablicy przed urzędem."
        ),
        Paragraph(
            "Jesienią mieszkańcy mają zdecydować, czy prom powinien pływać również zimą. Ankieta dotrze do każdego z"
            " czterdziestu trzech domów na wyspie, a jej wynik będzie wiążący."
        ),
    ),
    (
        "Czas przeprawy zmierzono podczas *dwunastu rejsów* próbnych przy bezwietrznej pogodzie.",
        "Ceny nie dotyczą stałych mieszkańców wyspy, którzy płacą ryczałt roczny.",
        "Protokół z posiedzenia rady leży w sekretariacie urzędu i jest jawny.",
    ),
)

ARTICLES = (_TRAIN, _SNOW, _FERRY)

SITES = (
    Site("news site", "The Orlin Herald", _news),
    Site("ministry", "Ministry of Roads and Rivers", _ministry),
    Site("think tank", "Institute for Slow Policy", _think_tank, notes=True),
    Site("blog", "Notes from the Ferry House", _blog),
    Site("wiki", "Orlinpedia Society", _wiki, above=(_FACTS,)),
    Site("live ticker", "Kanal Neun", _ticker),
    Site("table layout", None, _old),
)

PAGES = tuple(site.page(article) for site in SITES for article in ARTICLES)
