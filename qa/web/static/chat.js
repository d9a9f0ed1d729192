// Citations open and focus their passage, copy buttons copy, links to an answer are made, and a new turn is scrolled into view.
document.addEventListener("click", async (event) => {
  const citation = event.target.closest("a.cite");
  if (citation) {
    event.preventDefault();
    const source = document.getElementById(citation.getAttribute("href").slice(1));
    source.open = true;
    source.scrollIntoView({ block: "nearest" });
    source.querySelector("summary").focus();
    return;
  }
  const link = event.target.closest("button[data-link]");
  if (link) {
    const made = await fetch(link.dataset.link, { method: "POST" });
    let said = made.ok ? "Link copied" : (await made.text()).trim();
    if (made.ok) {
      link.nextElementSibling.hidden = false;
      try {
        await navigator.clipboard.writeText(new URL(link.dataset.link, location.href).href);
      } catch {
        said = "Link made";
      }
    }
    link.textContent = said;
    return;
  }
  const copy = event.target.closest("button[data-copied]");
  if (copy) {
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(copy.dataset.copied);
    } catch {
      said = "Copying is not allowed here";
    }
    copy.textContent = said;
    setTimeout(() => { copy.textContent = "Copy quote"; }, 2000);
  }
});

let turns = 0;
new MutationObserver(() => {
  const shown = document.querySelectorAll("#conversation article.turn");
  if (shown.length > turns) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    shown[shown.length - 1].scrollIntoView({ block: "start", behavior: still ? "instant" : "smooth" });
  }
  turns = shown.length;
}).observe(document.documentElement, { childList: true, subtree: true });

// A page whose session has ended leads to where one signs in.
(() => {
  const fetched = window.fetch;
  window.fetch = async (...what) => {
    const answer = await fetched(...what);
    if (answer.status === 401) window.location.assign("/sign-in");
    return answer;
  };
})();
