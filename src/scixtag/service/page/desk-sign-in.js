// The form that asks who one is.

import { Problem } from "./api.js";
import { byId, plain } from "./dom.js";

/** Asks for a token. */
export class SignIn {
  /** @param {{session: import("./desk-session.js").Session, entered: () => void}} told */
  constructor(told) {
    this.told = told;
    byId("sign-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter();
    });
  }

  /** Ask, and say why. */
  show(why) {
    byId("sign-in").hidden = false;
    byId("sign-in-trouble").textContent = why;
    byId("token").focus();
  }

  async #enter() {
    const secret = byId("token").value.trim();
    byId("sign-in-trouble").textContent = "";
    try {
      if (!secret) throw new Problem("Paste a token first.", 401, "no-token");
      // A header takes no other signs, and no token has any.
      if (/[^\x21-\x7e]/.test(secret)) throw new Problem("That is no token; copy it again.", 401, "unknown-token");
      await this.told.session.enter(secret);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.show(plain(error.message));
      return;
    }
    byId("token").value = "";
    byId("sign-in").hidden = true;
    this.told.entered();
  }
}
