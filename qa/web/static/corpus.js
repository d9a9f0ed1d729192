// The corpus: where a question opens, the keyboard goes to it, and back when it is answered.
function focusOn(selector) {
  setTimeout(() => {
    const found = [...document.querySelectorAll(selector)].find((each) => each.offsetParent !== null);
    if (found) {
      found.scrollIntoView({ block: "nearest" });
      found.focus();
    }
  }, 150);
}
