// The corpus: where a question opens, the keyboard goes to it, and back when it is refused.
const GOES_TO = {
  "replace": "#new-url :is(textarea, input)",
  "replace-no": "#replace",
  "withdraw": "#withdraw-no",
  "withdraw-no": "#withdraw",
  "purge": "#purge-id :is(textarea, input)",
  "purge-no": "#purge",
};
let wanted = null;

function go() {
  const found = [...document.querySelectorAll(wanted ?? "none")].find((each) => each.offsetParent !== null);
  if (found) {
    wanted = null;
    found.scrollIntoView({ block: "nearest" });
    found.focus();
  }
}

document.addEventListener("click", (event) => {
  wanted = GOES_TO[event.target.closest("button")?.id] ?? null;
  go();
});
new MutationObserver(go).observe(document.documentElement, { attributes: true, childList: true, subtree: true });
