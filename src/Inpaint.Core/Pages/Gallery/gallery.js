// Shows the items that the page contains as data. Their text is never parsed as HTML.

const $ = (id) => document.getElementById(id);
const { title, items } = JSON.parse($("data").textContent);
const badges = { failed: "Failed", flagged: "Flagged", cancelled: "Cancelled", unfinished: "Not finished" };
let shown = [];
let at = 0;

const element = (name, text, className = "") => Object.assign(document.createElement(name), { textContent: text, className });
const figures = (item) => [item.provider, item.costText && (item.estimate ? `≈ ${item.costText}` : item.costText), item.seconds && `${item.seconds.toFixed(1)} s`, item.seed && `seed ${item.seed}`].filter(Boolean);

// Only links to pictures are set.
const isPicture = (url) => /^(data:image\/|https?:|file:|[^:]*$)/i.test(url ?? ":");

function makeCard(item) {
  const li = $("card").content.firstElementChild.cloneNode(true);
  const [image, word, badge, name, text, small] = ["img", ".word", ".badge", ".name", ".text", ".small"].map((selector) => li.querySelector(selector));
  li.classList.add(item.state);
  const source = item.thumbnail ?? item.picture;
  if (isPicture(source)) image.src = source;
  else image.remove();
  image.onerror = () => image.remove();
  word.textContent = isPicture(source) ? "" : "No picture";
  badge.textContent = badges[item.state] ?? "";
  name.textContent = item.name;
  text.textContent = item.error ?? item.prompt ?? "";
  small.textContent = figures(item).join(" · ");
  li.querySelector("button").onclick = () => show(shown.indexOf(item));
  return li;
}

function tellTotals() {
  const count = (state) => shown.filter((item) => item.state === state).length;
  const sums = {};
  for (const item of shown) if (item.cost !== undefined) sums[item.currency] = (sums[item.currency] ?? 0) + item.cost;
  const estimated = shown.some((item) => item.cost && item.estimate);
  const money = Object.entries(sums).map(([currency, sum]) => (currency === "USD" ? `$${sum.toFixed(sum < 1 ? 3 : 2)}` : `${sum.toFixed(2)} ${currency}`));
  const seconds = shown.reduce((sum, item) => sum + (item.seconds ?? 0), 0);
  $("totals").textContent = [
    `${shown.length}${shown.length < items.length ? ` of ${items.length}` : ""} ${items.length === 1 ? "picture" : "pictures"}`,
    ...Object.entries(badges).map(([state, word]) => count(state) && `${count(state)} ${word.toLowerCase()}`),
    money.length && `${estimated ? "about " : ""}${money.join(" + ")}`,
    seconds && `${seconds < 120 ? `${seconds.toFixed(0)} s` : `${Math.round(seconds / 60)} min`} of work`,
  ].filter(Boolean).join(" · ");
}

const orders = {
  index: (a, b) => a.index - b.index,
  name: (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }),
  time: (a, b) => (b.time ?? "").localeCompare(a.time ?? ""),
  cost: (a, b) => (b.cost ?? -1) - (a.cost ?? -1),
  seconds: (a, b) => (b.seconds ?? -1) - (a.seconds ?? -1),
  prompt: (a, b) => (a.prompt ?? "").localeCompare(b.prompt ?? ""),
};
const nearEnd = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), { rootMargin: "1200px" });

// Cards are created as the user scrolls, so that a page may have any number of items.
function more() {
  const next = shown.slice($("cards").children.length, $("cards").children.length + 60);
  $("cards").append(...next.map((item) => (item.li ??= makeCard(item))));
  $("more").hidden = $("cards").children.length >= shown.length;
  // Observing it again fires the observer again if the end is still in view.
  nearEnd.unobserve($("more"));
  nearEnd.observe($("more"));
}

function filter() {
  const words = $("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [state, provider] = [$("state").value, $("provider").value];
  shown = items.filter((item) => (!state || item.state === state) && (!provider || item.provider === provider) && words.every((word) => item.words.includes(word)));
  shown.sort(orders[$("sort").value]);
  $("cards").replaceChildren();
  more();
  $("none").hidden = shown.length > 0;
  tellTotals();
}

function fact(list, name, value) {
  if (value !== undefined && value !== null && value !== "") list.append(element("dt", name), element("dd", value));
}

function showFacts(item) {
  const facts = [];
  if (item.error) {
    const trouble = element("p", item.error, "trouble");
    if (item.advice) trouble.append(element("br", ""), element("span", item.advice));
    facts.push(trouble);
  } else if (item.state === "flagged") {
    facts.push(element("p", "The provider's safety checker flagged this picture.", "trouble flagged"));
  }
  if (item.prompt) facts.push(element("h2", "Prompt"), element("p", item.prompt));
  const list = document.createElement("dl");
  fact(list, "Provider", item.provider);
  fact(list, "Model", item.model);
  fact(list, "Seed", item.seed);
  fact(list, "Size", item.width && `${item.width} × ${item.height}`);
  fact(list, "Cost", item.costText && `${item.costText}${item.estimate ? " (estimate)" : ""}`);
  fact(list, "Took", item.seconds && `${item.seconds.toFixed(1)} s`);
  fact(list, "Made", item.time && new Date(item.time).toLocaleString());
  fact(list, "Error", item.errorId);
  fact(list, "File", item.file);
  facts.push(list);
  if (item.line) {
    const copy = element("button", "Copy");
    copy.onclick = async () => {
      await copyText(item.line);
      copy.textContent = "Copied";
    };
    facts.push(element("h2", "Make this picture again in PowerShell"), makeLine(item.line), copy);
  }
  $("facts").replaceChildren(...facts);
}

// A parameter's name must not wrap at its hyphen.
function makeLine(line) {
  const pre = document.createElement("pre");
  pre.append(...line.split(/(?<= )(-\w+)/).map((part, i) => (i % 2 ? element("span", part) : part)));
  return pre;
}

// Some browsers deny clipboard access to pages on disk.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea", text);
    $("viewer").append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function setImage(id, url) {
  const image = $(id);
  image.removeAttribute("src");
  if (isPicture(url)) image.src = url;
  return isPicture(url);
}

function show(index) {
  at = (index + shown.length) % shown.length;
  const item = shown[at];
  $("place").textContent = `${at + 1} / ${shown.length}`;
  $("caption").textContent = item.name;
  const hasAfter = setImage("after", item.picture ?? item.before);
  const hasBefore = setImage("before", item.picture && item.before);
  const hasMask = setImage("mask", item.mask);
  $("after").alt = item.picture ? `The result for ${item.name}` : `${item.name}, unchanged`;
  $("frame").hidden = !hasAfter;
  $("missing").hidden = hasAfter;
  $("missing").textContent = "There is no picture.";
  for (const id of ["left", "slider", "tagBefore", "tagAfter"]) $(id).hidden = !hasBefore;
  $("maskButton").hidden = !hasMask;
  toggleMask(hasMask && $("maskButton").getAttribute("aria-pressed") === "true");
  $("slider").value = 50;
  slide();
  showFacts(item);
  if (!$("viewer").open) $("viewer").showModal();
  ($("slider").hidden ? $("next") : $("slider")).focus();
  $("after").onerror = () => {
    if (!$("after").getAttribute("src")) return;
    $("frame").hidden = true;
    $("missing").hidden = false;
    $("missing").textContent = "The picture has been moved or deleted.";
  };
  $("before").onerror = () => { for (const id of ["left", "slider", "tagBefore", "tagAfter"]) $(id).hidden = true; };
}

function fit() {
  const image = $("after");
  if (!image.naturalWidth) return;
  const box = $("view").getBoundingClientRect();
  const scale = Math.min((box.width - 32) / image.naturalWidth, (box.height - 32) / image.naturalHeight, 4);
  $("frame").style.width = `${image.naturalWidth * scale}px`;
  $("frame").style.height = `${image.naturalHeight * scale}px`;
}

function slide() { $("frame").style.setProperty("--at", `${$("slider").value}%`); }

function toggleMask(on) {
  $("maskButton").setAttribute("aria-pressed", on);
  $("tint").hidden = !on;
}

const pressMask = () => { if (!$("maskButton").hidden) toggleMask($("tint").hidden); };
const goFull = () => (document.fullscreenElement ? document.exitFullscreen() : $("viewer").requestFullscreen());

$("title").textContent = document.title = title;
items.forEach((item, index) => {
  item.index = index;
  item.words = [item.name, item.prompt, item.model, item.provider, item.seed, item.error, item.errorId].filter(Boolean).join("\n").toLowerCase();
});
for (const name of new Set(items.map((item) => item.provider).filter(Boolean))) $("provider").append(element("option", name));
$("provider").hidden = $("provider").options.length < 3;
$("filter").addEventListener("input", filter);
$("filter").addEventListener("submit", (event) => event.preventDefault());
$("slider").addEventListener("input", slide);
$("after").addEventListener("load", fit);
new ResizeObserver(fit).observe($("view"));
$("previous").onclick = () => show(at - 1);
$("next").onclick = () => show(at + 1);
$("maskButton").onclick = pressMask;
$("full").onclick = goFull;
$("close").onclick = () => $("viewer").close();
$("viewer").addEventListener("close", () => shown[at]?.li?.querySelector("button").focus());
$("viewer").addEventListener("keydown", (event) => {
  const onSlider = event.target === $("slider") && event.shiftKey;
  const action = { ArrowLeft: () => show(at - 1), ArrowRight: () => show(at + 1), m: pressMask, f: goFull, Home: () => show(0), End: () => show(shown.length - 1) }[event.key.length > 1 ? event.key : event.key.toLowerCase()];
  if (!action || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // With Shift, the arrow keys move the slider instead.
  if (onSlider && event.key.startsWith("Arrow")) {
    $("slider").value = Number($("slider").value) + (event.key === "ArrowLeft" ? -5 : 5);
    slide();
  } else {
    action();
  }
});
filter();
