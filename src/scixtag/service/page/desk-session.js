// Who sits at the desk.

import { TOKEN, ask, token } from "./api.js";
import { forget } from "./tab.js";

/** The token of this tab and whose it is. */
export class Session {
  /** @type {{name: string, role: string, expires_at: string|null}|null} */
  me = null;

  /** Whether this tab has a token, be it good or not. */
  get hasToken() {
    return Boolean(token());
  }

  /** May decide. */
  get decides() {
    return this.me !== null && this.me.role !== "reader";
  }

  /** Ask whose the tab's token is; @throws {Problem} */
  async look() {
    this.me = await ask("/v1/review/me", { seconds: 10 });
    return this.me;
  }

  /** Take a token if it is one; @throws {Problem} */
  async enter(secret) {
    const before = sessionStorage.getItem(TOKEN);
    sessionStorage.setItem(TOKEN, secret);
    try {
      return await this.look();
    } catch (error) {
      if (before === null) sessionStorage.removeItem(TOKEN);
      else sessionStorage.setItem(TOKEN, before);
      throw error;
    }
  }

  /** Forget the token. */
  leave() {
    this.me = null;
    forget(TOKEN);
  }
}
