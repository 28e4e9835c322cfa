// Ticks stay in this browser, by the plan and the words of the step: a plan that is written anew keeps what it still
// says. Nothing is sent anywhere; a browser that keeps nothing ticks all the same.
const boxes = [...document.querySelectorAll("#stages input[type=checkbox]")];
const [steps, stages] = [boxes.filter((box) => box.closest(".ticks")), boxes.filter((box) => box.closest(".tick"))];
const key = `strangler plan ${document.body.dataset.plan}`;
const words = (box) => `${box.closest(".stage").querySelector("h3").textContent} | ${box.closest("label").textContent.trim()}`;

function kept() {
  try {
    const list = JSON.parse(localStorage.getItem(key) ?? "[]");
    return new Set(Array.isArray(list) ? list : []);
  } catch {
    return new Set();
  }
}

function told() {
  const done = (list) => list.filter((box) => box.checked).length;
  const text = document.getElementById("ticked-text");
  text.textContent = `${done(steps)} of ${steps.length} steps done, ${done(stages)} of ${stages.length} stages`;
  document.getElementById("ticked-bar").value = steps.length ? done(steps) / steps.length : 0;
}

const before = kept();
for (const box of boxes) box.checked = before.has(words(box));
document.getElementById("stages").addEventListener("change", () => {
  try {
    localStorage.setItem(key, JSON.stringify(boxes.filter((box) => box.checked).map(words)));
  } catch {
    // the ticks are gone when the page is
  }
  told();
});
document.getElementById("ticked").hidden = !boxes.length;
told();
