// What this tab of the browser keeps until it is closed; where that is switched off or full, the page works on without.

/** What was kept under a name; null if nothing was, or nothing can be. */
export function kept(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a text; whether there is room for it. Where there is none, it is there as long as the page is open. */
export function keep(name, text) {
  try {
    sessionStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

/** Keep it no longer. */
export function forget(name) {
  try {
    sessionStorage.removeItem(name);
  } catch {
    // There is none where nothing can be kept.
  }
}
