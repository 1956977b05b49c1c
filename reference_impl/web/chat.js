/** The chat page: draws what a Session knows, and passes on what people do. `/?session=NAME#token=TOKEN`. */
import { going, inTurns } from "./fold.js";
import { newKey } from "./outbox.js";
import { Session } from "./session.js";
import { View, endingOf } from "./view.js";

const VALID = /^(?!\.\.?$)[A-Za-z0-9._-][A-Za-z0-9._~-]{0,127}$/;
const TOKEN = "#token=";
const READ_OUT = 2_000; // characters of an answer that a screen reader is given
const NEAR_END_PX = 80;
const WORDS = { connecting: "Connecting", live: "Live", offline: "Offline", closed: "Closed" };

const $ = (id) => document.getElementById(id);
let token = takeToken();
const session = new Session(nameOfSession(), { token: () => token });
const view = new View($("messages"));
const page = document.querySelector("main");
const seen = new Map(); // message id → its ending, or whether it is open, when it was last looked at
let denial = ""; // why the session does not open
let joined = false; // the history is here
let drawing = 0;
let following = true; // the reader is at the end, so the page keeps it there
let busy = null; // what Esc stops: {run, key, state}
const asked = new Set(); // runs and keys that somebody here has stopped

/** The address says which session; without a name there is a new one, and the address says so from now on. */
function nameOfSession() {
  const address = new URL(location.href);
  const named = address.searchParams.get("session");
  if (named !== null && VALID.test(named)) return named;
  address.searchParams.set("session", newKey().slice(0, 10));
  history.replaceState(null, "", address);
  if (named) complain(`A session's name is up to 128 of A–Z a–z 0–9 . _ ~ -. This is a new session.`);
  return address.searchParams.get("session");
}

/** A token leaves the address bar at once: what stands there is copied, shown to others, and kept in the history. */
function takeToken() {
  const address = new URL(location.href);
  if (!address.hash.startsWith(TOKEN)) return null;
  const found = address.hash.slice(TOKEN.length);
  address.hash = "";
  history.replaceState(null, "", address);
  return found;
}

function drawSoon() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    draw();
  });
}

function draw() {
  const { transcript, outbox, status } = session;
  const known = new Set(transcript.messages.map(({ key }) => key));
  const sending = outbox.filter(({ type, key }) => type === "prompt" && !known.has(key));
  const unsent = sending.map(({ key, text }) => ({ role: "user", id: key, run: "", text, key, sending: true }));
  view.draw([...inTurns(transcript.messages), ...unsent]);
  $("empty").hidden = status !== "live" || transcript.messages.length + unsent.length > 0;
  drawRun(going(transcript), unsent);
  if (following) toEnd();
  announce();
}

const toEnd = () => (page.scrollTop = page.scrollHeight);

/** What is going on: the oldest run, or a prompt that nobody has acknowledged. */
function drawRun([run, ...queued], unsent) {
  busy = run ?? (unsent[0] ? { key: unsent[0].key, state: "sending" } : null);
  if (busy === null) {
    leaveRun();
    return;
  }
  $("run").hidden = false;
  const stopping = busy.state === "stopping" || asked.has(busy.run ?? busy.key);
  const more = queued.length + (run ? unsent.length : 0);
  const doing = stopping ? "Stopping…" : { queued: "Waiting", sending: "Sending" }[busy.state] ?? "Answering";
  $("doing").textContent = doing + (more ? ` · ${more} queued` : "");
  $("doing").dataset.state = session.status === "live" && !stopping ? busy.state : "still";
  $("stop").disabled = stopping;
  $("wish").disabled = $("steer").disabled = stopping || busy.state !== "running";
}

/** Nothing goes on any more: a wish that was not sent becomes the beginning of the next prompt. */
function leaveRun() {
  const writing = $("run").contains(document.activeElement);
  $("run").hidden = true;
  if ($("text").value === "") $("text").value = $("wish").value;
  $("wish").value = "";
  if (writing) $("text").focus();
}

function drawStatus() {
  const { status, retryAt, devices } = session;
  const wait = Math.ceil((retryAt - Date.now()) / 1_000);
  const again = wait > 0 ? `in ${wait} s` : "now";
  $("status").dataset.status = status;
  $("status").lastElementChild.textContent = status === "waiting" ? `Reconnecting ${again}` : WORDS[status];
  $("status").title = status === "live" ? "Connected" : "Try again now";
  $("devices").hidden = devices === null;
  $("devices").querySelector(".count").textContent = devices ?? "";
  $("devices").querySelector(".what").textContent = devices === 1 ? " device" : " devices";
  document.body.dataset.status = status;
}

/** Screen readers hear what was said when it is whole, and what happened; not every word as it comes. */
function announce() {
  const news = session.transcript.messages.filter(({ id, ending, open }) => seen.get(id) !== String(ending ?? open));
  for (const message of news) {
    const { id, role, text, ending, open } = message;
    seen.set(id, String(ending ?? open));
    if (!joined) continue; // what was there before is there to be read
    if (role === "approval" && open) say("announced", `Approval needed: ${text}`);
    if (role === "assistant" && !["running", "stopping"].includes(ending)) {
      say("said", `${text.slice(-READ_OUT)} ${endingOf(message) || "Answer complete"}`);
    }
  }
  joined ||= session.status === "live";
}

function say(where, text) {
  const line = document.createElement("p");
  line.textContent = text;
  $(where).replaceChildren(line);
}

let told = "";
function announceStatus() {
  const { status } = session;
  const now = { live: "Connected", waiting: "Connection lost, reconnecting", offline: "Offline" }[status] ?? told;
  if (now !== told && told + now !== "Connected") say("announced", now);
  told = now;
}

function complain(text) {
  $("notice").textContent = text;
  $("notice").hidden = false;
}

/** It may open yet, with another token or when the server knows this one. */
function denied({ detail: { message } }) {
  if (denial === message && !$("notice").hidden) return;
  denial = message;
  complain(`This session does not open: ${message}. Its address may bring a token: ${TOKEN}…`);
}

function admitted() {
  if (denial !== "" && session.status === "live") $("notice").hidden = true;
  if (session.status === "live") denial = "";
}

function ask(text) {
  $("notice").hidden = true;
  following = true;
  session.prompt(text);
}

/** What was refused goes back to where it was written; nothing that anyone typed is lost. */
function refused({ detail: { command, reply } }) {
  complain(`${{ prompt: "Not sent", steer: "Not steered" }[command.type] ?? "Not done"}: ${reply.message}`);
  const box = { prompt: $("text"), steer: $("wish") }[command.type];
  if (box && box.value === "") box.value = command.text;
  asked.delete(command.run ?? command.key);
  drawSoon();
}

function stop() {
  if (busy === null || busy.state === "stopping") return;
  const { run, key } = busy;
  asked.add(run ?? key);
  session.stop(run ? { run } : { key });
  drawSoon();
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text === "") return;
  $("text").value = "";
  ask(text);
});

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("ask").requestSubmit();
});

$("run").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("wish").value.trim();
  if (text === "" || busy?.run === undefined) return;
  $("wish").value = "";
  session.steer(busy.run, text);
});

$("messages").addEventListener("click", ({ target }) => {
  const granted = target.dataset.granted;
  if (granted === undefined) return;
  const card = target.closest("[data-approval]");
  card.querySelectorAll("button").forEach((button) => (button.disabled = true));
  session.approve(card.dataset.approval, granted === "true");
});

$("empty").addEventListener("click", ({ target }) => target.dataset.prompt && ask(target.dataset.prompt));
$("stop").addEventListener("click", stop);
$("status").addEventListener("click", () => session.check());
$("latest").addEventListener("click", toEnd);
document.addEventListener("keydown", ({ key, isComposing }) => key === "Escape" && !isComposing && stop());

page.addEventListener("scroll", () => {
  following = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR_END_PX;
  $("latest").hidden = following;
});
new ResizeObserver(() => following && toEnd()).observe(page);

session.addEventListener("change", drawSoon);
session.addEventListener("status", drawStatus);
session.addEventListener("status", drawSoon);
session.addEventListener("status", announceStatus);
session.addEventListener("presence", drawStatus);
session.addEventListener("refused", refused);
session.addEventListener("denied", denied);
session.addEventListener("status", admitted);
session.addEventListener("gap", () => say("announced", "The conversation was loaded again"));
addEventListener("hashchange", () => {
  token = takeToken() ?? token;
  session.check();
});
setInterval(() => session.status === "waiting" && drawStatus(), 250);

const name = new URL(location.href).searchParams.get("session");
$("name").textContent = name;
document.title = `${name} · Session`;
draw();
session.open();
if (matchMedia("(hover: hover)").matches) $("text").focus(); // on a phone it would bring up the keyboard
