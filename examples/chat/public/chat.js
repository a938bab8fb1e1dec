import { io } from "/client.js";

const MAX_IMAGE = 900_000;
const MAX_SIDE = 1600;
const TYPING_PAUSE = 2000;
const TYPING_EXPIRY = 5000;

const $ = (id) => document.getElementById(id);
const tab = crypto.getRandomValues(new Uint32Array(4)).join("-");
const socket = io({ auth: { tab } });

let me;
let wanted;
let typingSince;
let people = [];
let rooms = [];
const typing = new Map();
const sent = new Map();

// Joining, at first and again after each loss of the connection.

$("name").value = sessionStorage.getItem("name") ?? "";
const hash = decodeURIComponent(location.hash.slice(1));
if (hash !== "") $("room").value = hash;
$("name").focus();

$("join").addEventListener("submit", (event) => {
  event.preventDefault();
  join($("name").value, $("room").value);
});

$("other-room").addEventListener("submit", (event) => {
  event.preventDefault();
  join(wanted.name, $("new-room").value);
  event.target.reset();
});

socket.on("connect", () => {
  setOnline(true);
  if (wanted !== undefined) join(wanted.name, wanted.room);
});
socket.on("disconnect", () => setOnline(false));

async function join(name, room) {
  $("enter").disabled = true;
  const answer = await ask("join", name, room);
  $("enter").disabled = false;
  if (answer.error !== undefined) {
    $("refused").textContent = answer.error;
    if (me !== undefined) note(answer.error, "problem");
    return;
  }
  const again = me !== undefined && wanted.room === answer.room;
  me = answer.you;
  wanted = { name: me.name, room: answer.room };
  sessionStorage.setItem("name", me.name);
  history.replaceState(null, "", "#" + encodeURIComponent(answer.room));
  if (!again) enter(answer.room);
  showPeople();
  showRooms();
}

function enter(room) {
  $("door").hidden = true;
  $("chat").hidden = false;
  $("title").textContent = room;
  document.title = `${room} – Sockeye chat`;
  for (const image of $("log").querySelectorAll("img")) URL.revokeObjectURL(image.src);
  $("log").replaceChildren();
  note(`You are in ${room} as ${me.name}.`);
  typing.clear();
  showTyping();
  openSide(false);
  $("text").focus();
}

function setOnline(online) {
  $("offline").textContent = online ? "" : "Connecting again…";
  for (const id of ["attach", "send"]) $(id).disabled = !online;
}

/** Sends an event. Resolves to the answer; that there is none is an answer as well. */
async function ask(event, ...args) {
  try {
    return await socket.timeout(15_000).emitWithAck(event, ...args);
  } catch {
    return { error: "The server did not answer." };
  }
}

// Rooms and people.

socket.on("rooms", (list) => {
  rooms = list;
  showRooms();
});

socket.on("people", (list) => {
  people = list;
  showPeople();
  for (const id of typing.keys()) {
    if (!people.some((person) => person.id === id)) setTyping({ id }, false);
  }
});

function showRooms() {
  $("rooms").replaceChildren(...rooms.map(({ room, people }) => {
    const button = element("button", {}, room, element("small", {}, String(people)));
    button.addEventListener("click", () => join(wanted.name, room));
    if (room === wanted?.room) button.setAttribute("aria-current", "true");
    return element("li", {}, button);
  }));
  $("open-rooms").replaceChildren(...rooms.map(({ room }) => element("option", { value: room })));
}

function showPeople() {
  $("summary").textContent = people.length === 1 ? "only you" : `${people.length} here`;
  $("people").replaceChildren(
    ...people.map(({ id, name }) =>
      element("li", {}, element("span", {}, id === me?.id ? `${name} (you)` : name))
    ),
  );
}

$("toggle").addEventListener("click", () => openSide(!$("side").classList.contains("open")));
$("talk").addEventListener("click", () => openSide(false));
document.addEventListener("keydown", ({ key }) => key === "Escape" && openSide(false));

function openSide(open) {
  $("side").classList.toggle("open", open);
  $("toggle").setAttribute("aria-expanded", String(open));
}

// Messages.

socket.on("message", (message, received) => {
  setTyping(message.from, false);
  show(message, element("b", {}, message.from.name));
  received(true);
});

socket.on("delivered", (id, to, of) => {
  const ticks = sent.get(id);
  if (ticks === undefined) return;
  sent.delete(id);
  setTicks(ticks, to > 0 ? "✓✓" : "✓", `${to} of ${of} have it`);
  ticks.classList.toggle("all", to === of);
});

$("compose").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text === "" || !socket.connected) return;
  $("text").value = "";
  stopTyping();
  send({ text }, "say", text);
});

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("compose").requestSubmit();
});

async function send(content, event, ...args) {
  const ticks = element("span", { className: "ticks" });
  setTicks(ticks, "…", "on its way");
  const shown = show({ ...content, from: me, at: Date.now() }, ticks);
  const answer = await ask(event, ...args);
  if (answer.error !== undefined) {
    shown.append(element("p", { className: "problem" }, `Not sent: ${answer.error}`));
    setTicks(ticks, "", "");
    return;
  }
  setTicks(ticks, "✓", "the server has it");
  sent.set(answer.id, ticks);
}

function setTicks(ticks, text, meaning) {
  ticks.textContent = text;
  ticks.title = meaning;
  ticks.setAttribute("role", "img");
  ticks.setAttribute("aria-label", meaning);
}

/** Shows a message; `extra` is who sent it, or how far one of our own has come. */
function show({ from, at, text, image }, extra) {
  const mine = from.id === me.id;
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const footer = element("footer", {}, time);
  const item = element("li", { className: mine ? "message mine" : "message" });
  item.append(...mine ? [] : [extra], contentOf(text, image, from), footer);
  if (mine) footer.append(extra);
  append(item);
  return item;
}

function contentOf(text, image, from) {
  if (image === undefined) return element("p", {}, text);
  const src = URL.createObjectURL(new Blob([image.bytes], { type: image.type }));
  const picture = element("img", { src, alt: `An image from ${from.name}` });
  picture.addEventListener("load", () => scrollDown());
  return picture;
}

function note(text, kind = "") {
  append(element("li", { className: `note ${kind}` }, text));
}

function append(item) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  log.append(item);
  if (atEnd || item.classList.contains("mine")) scrollDown();
}

function scrollDown() {
  $("log").scrollTop = $("log").scrollHeight;
}

/** Makes an element. What comes from others goes in as text, never as HTML. */
function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Images: sent as they are if small enough, drawn again otherwise.

$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", async ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file !== undefined) await sendImage(file);
});
$("text").addEventListener("paste", ({ clipboardData }) => {
  const file = [...clipboardData.files].find(({ type }) => type.startsWith("image/"));
  if (file !== undefined) sendImage(file);
});

async function sendImage(file) {
  try {
    const blob = await fit(file);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    await send({ image: { type: blob.type, bytes } }, "show", blob.type, bytes);
  } catch {
    note("That image cannot be read.", "problem");
  }
}

async function fit(file) {
  const types = ["image/png", "image/jpeg", "image/webp", "image/gif"];
  if (file.size <= MAX_IMAGE && types.includes(file.type)) return file;
  const bitmap = await createImageBitmap(file);
  for (let side = MAX_SIDE;; side /= 2) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = new OffscreenCanvas(bitmap.width * scale, bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
    if (blob.size <= MAX_IMAGE) return blob;
  }
}

// Who is typing.

$("text").addEventListener("input", () => {
  if (typingSince === undefined) socket.volatile.emit("typing", true);
  clearTimeout(typingSince);
  typingSince = setTimeout(stopTyping, TYPING_PAUSE);
});

function stopTyping() {
  if (typingSince === undefined) return;
  clearTimeout(typingSince);
  typingSince = undefined;
  socket.volatile.emit("typing", false);
}

socket.on("typing", setTyping);

function setTyping({ id, name }, active) {
  clearTimeout(typing.get(id)?.timer);
  typing.delete(id);
  if (active) {
    // The word that somebody stopped may get lost.
    typing.set(id, { name, timer: setTimeout(() => setTyping({ id }, false), TYPING_EXPIRY) });
  }
  showTyping();
}

function showTyping() {
  const names = [...typing.values()].map(({ name }) => name);
  $("typing").textContent = names.length === 0
    ? ""
    : names.length < 3
    ? `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`
    : "Several people are typing…";
}
