// Where a question opens, the keyboard goes to it, and back when it is refused; and on, where what had it has gone.
const GOES_TO = {
  "replace": "#new-url :is(textarea, input)",
  "replace-no": "#replace",
  "withdraw": "#withdraw-no",
  "withdraw-no": "#withdraw",
  "purge": "#purge-id :is(textarea, input)",
  "purge-no": "#purge",
};
const RESULTS = "[role=tab][data-tab-id=results][aria-selected=true]";
const GONE = {
  "replace-yes": "#replace",
  "withdraw-yes": "#reinstate",
  "reinstate": "#withdraw",
  "purge-yes": "#said",
  "purge-id": "#said",
  "run-set": `#run-stop, ${RESULTS}`,
  "run-stop": RESULTS,
  "yes-delete-all": "#new",
};
let wanted = null;
let last = null;

function go() {
  if (document.activeElement === document.body && last in GONE) {
    wanted = GONE[last];
    last = null;
  }
  const found = [...document.querySelectorAll(wanted ?? "none")].find((each) => each.offsetParent !== null);
  if (found) {
    wanted = null;
    if (found.tabIndex < 0) found.tabIndex = -1;
    found.scrollIntoView({ block: "nearest" });
    found.focus();
  }
}

document.addEventListener("focusin", (event) => {
  last = event.target.closest("[id]")?.id ?? null;
});
document.addEventListener("click", (event) => {
  wanted = GOES_TO[event.target.closest("button")?.id] ?? null;
  go();
});
new MutationObserver(go).observe(document.documentElement, { attributes: true, childList: true, subtree: true });
