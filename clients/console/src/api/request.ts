/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the HTTP API of control/API.md. Every failure is an ApiError with a sentence for a person. */
import { common } from '../text/common';

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  /* The server could not be asked at all; what is shown may be old but nothing was refused. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

/* Told of every answer that says: nobody is signed in. */
let onSignedOut: (sentence: string) => void = () => undefined;

export function whenSignedOut(tell: (sentence: string) => void): void {
  onSignedOut = tell;
}

const REQUEST_TIMEOUT_MS = 15_000;

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/* "?a=1&b=2" without what is undefined, null or empty; '' when nothing is left. */
export function queryOf(query: Query): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') {
      parts.set(name, String(value));
    }
  }
  const made = parts.toString();
  return made === '' ? '' : `?${made}`;
}

/* path is below /api/v1/; what comes from outside goes into it through encodeURIComponent or queryOf. */
export async function request<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), REQUEST_TIMEOUT_MS);
  try {
    const init: RequestInit = { method, credentials: 'same-origin', cache: 'no-store', signal: stop.signal };
    if (body !== undefined) {
      init.headers = { 'Content-Type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const response = await fetch(`/api/v1/${path}`, init);
    const reply: unknown = await response.json().catch(() => null);
    if (!response.ok) {
      const error = errorOf(response.status, reply);
      if (response.status === 401) {
        onSignedOut(error.message);
      }
      throw error;
    }
    if (typeof reply !== 'object' || reply === null) {
      throw new ApiError(response.status, 'INVALID_REPLY', common.errors.badReply);
    }
    return reply as T;
  } catch (error) {
    if (error instanceof ApiError) {
      throw error;
    }
    throw new ApiError(0, 'UNREACHABLE', common.errors.unreachable);
  } finally {
    clearTimeout(timer);
  }
}

export function get<T>(path: string, query: Query = {}): Promise<T> {
  return request<T>('GET', path + queryOf(query));
}

export function post<T = object>(path: string, body: object = {}): Promise<T> {
  return request<T>('POST', path, body);
}

function errorOf(status: number, reply: unknown): ApiError {
  const error = (reply as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  const code = typeof error?.code === 'string' ? error.code : '';
  if (typeof error?.message === 'string' && error.message !== '') {
    return new ApiError(status, code, error.message);
  }
  return new ApiError(status, code, status === 503 ? common.errors.unavailable : common.errors.status(status));
}

/* The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : common.errors.unexpected;
}
