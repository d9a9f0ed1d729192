// For those who hear the page or have no mouse: what goes on is said, and gradio's own elements get what they lack.
const told = Object.assign(document.createElement("div"), { id: "told", className: "unseen" });
told.setAttribute("role", "status");

let heard = 0;

function gist(turn) {
  const said = turn.querySelector(".short, .refusal, .broad, .failed p, blockquote p")?.cloneNode(true);
  said?.querySelectorAll(".cite").forEach((citation) => citation.remove());
  const sources = turn.querySelectorAll("details.source").length;
  const counted = sources === 0 ? "" : sources === 1 ? " 1 source." : ` ${sources} sources.`;
  return (said?.textContent.trim() ?? "The answer is there.") + counted;
}

function hear() {
  const turns = document.querySelectorAll("#conversation article.turn");
  let said = told.textContent;
  if (document.querySelector("#conversation .progress-text")) {
    said = "Looking for an answer.";
  } else {
    if (turns.length > heard) said = gist(turns[turns.length - 1]);
    heard = turns.length;
  }
  if (said !== told.textContent) told.textContent = said;
}

const NAMES = { "input.search-input": "Filter the table", "input.select-all-checkbox": "Choose all" };

function amend() {
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const box of document.querySelectorAll(`${selector}:not([aria-label])`)) {
      box.setAttribute("aria-label", name);
    }
  }
  for (const head of document.querySelectorAll(".toast-header[role]")) {
    head.removeAttribute("role"); // a button that holds a button; what it unfolds is unfolded already
    head.removeAttribute("tabindex");
  }
}

new MutationObserver(() => {
  if (document.body && !told.isConnected) document.body.append(told);
  amend();
  hear();
}).observe(document.documentElement, { childList: true, subtree: true });
