/** When a page has to rest (it may never run again, or not for long), may be ended, and is back; until the signal. */
export function watchPage({ rest, keep, check }, signal) {
  const on = (target, type, act) => target.addEventListener(type, () => act(), { signal });
  on(window, "pagehide", rest);
  on(document, "freeze", rest);
  on(document, "resume", check);
  on(window, "pageshow", check);
  on(window, "online", check);
  on(document, "visibilitychange", () => (document.hidden ? keep() : check()));
}
