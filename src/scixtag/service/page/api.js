// The service over HTTP: answers, or errors that say what to do.

import { kept } from "./tab.js";

/** An answer of the service that is an error (`application/problem+json`). */
export class Problem extends Error {
  /**
   * @param {string} detail What is wrong, and what to do.
   * @param {number} status Of HTTP; 0 where there was no answer.
   * @param {string} kind The last part of the problem's type, such as `unknown-model`.
   * @param {object} document All that was told.
   */
  constructor(detail, status, kind, document = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.kind = kind;
    this.document = document;
  }

  /** Whether there was no answer at all, so that the same request may succeed later. */
  get gone() {
    return this.status === 0;
  }
}

export const TOKEN = "scixtag-token";
const SECONDS = 30;

/**
 * Ask the service.
 *
 * @param {string} path Of this service, such as `/v1/models`.
 * @param {{method?: string, body?: unknown, signal?: AbortSignal, seconds?: number}} options
 * @returns {Promise<any>} The answer's JSON; null if there is none.
 * @throws {Problem} It is an error, or there is none in time.
 * @throws {DOMException} `AbortError`: the signal said so.
 */
export async function ask(path, { method, body, signal, seconds = SECONDS } = {}) {
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), seconds * 1000);
  const stop = () => clock.abort();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    const response = await fetch(path, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: headersOf(body),
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: clock.signal,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
    });
    return await contentOf(response);
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (signal?.aborted) throw new DOMException("no longer wanted", "AbortError");
    const isLate = clock.signal.aborted;
    const told = isLate ? `The service has not answered within ${seconds} s.` : "The service does not answer.";
    throw new Problem(told, 0, "gone");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** Whether an error says only that its answer is no longer wanted. */
export function isAbort(error) {
  return error?.name === "AbortError";
}

/** Runs one request at a time: a new one ends the one before. */
export class Latest {
  #controller = null;

  /** @param {(signal: AbortSignal) => Promise<any>} request */
  run(request) {
    this.stop();
    this.#controller = new AbortController();
    return request(this.#controller.signal);
  }

  /** End what is under way. */
  stop() {
    this.#controller?.abort();
  }
}

/** The token of this tab, if somebody has signed in. */
export function token() {
  return kept(TOKEN);
}

function headersOf(body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const secret = token();
  if (secret) headers.Authorization = `Bearer ${secret}`;
  return headers;
}

async function contentOf(response) {
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get("content-type") ?? "");
  if (response.ok) {
    if (response.status === 204) return null;
    if (isJson) return response.json();
    throw new Problem("Something else than the service has answered.", 0, "gone");
  }
  const document = isJson ? await response.json() : {};
  // What stands before a service that has ended answers in its own way.
  if (!isJson && response.status >= 500) throw new Problem("The service does not answer.", 0, "gone");
  const detail = document.detail || `The service says ${response.status} ${response.statusText}.`;
  throw new Problem(detail, response.status, String(document.type ?? "").split(":").pop(), document);
}
