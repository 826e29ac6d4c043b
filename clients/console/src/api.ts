/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API of control/API.md. Every failure is an ApiError with a sentence for a person. */
import type { ChatHistoryLine } from './session/chat';
import { text } from './strings';
import type { AuthenticatorOffer, AuthenticatorRequest, Credential } from './webauthn';

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }

  /* The server could not be asked at all; what is shown may be old but nothing was refused. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 503;
  }
}

export interface Account {
  readonly id: number;
  readonly user: string;
  readonly display_name: string;
  readonly is_admin: boolean;
  readonly must_change_password: boolean;
}

/* What a sign-in must do before anything else is answered. */
export type NextStep = 'agreement' | 'password' | 'second_factor_setup' | null;

export type Factor = 'webauthn' | 'totp' | 'recovery_code';

export interface SignedIn {
  readonly next: NextStep;
}

export interface SecondStep {
  readonly next: 'second_factor';
  readonly attempt: string;
  readonly factors: readonly Factor[];
  readonly webauthn: AuthenticatorRequest;
}

export interface Agreement {
  readonly version: number;
  readonly title: string;
  readonly text: string;
}

export interface Me {
  readonly next: NextStep;
  readonly account: Account;
  readonly appliance: { readonly name: string; readonly version: string; readonly identity: string };
}

export interface JumpItem {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly state: 'online' | 'offline' | 'in_session' | 'passive' | 'lost' | 'disabled';
  readonly last_access_unix_ms: number | null;
  readonly last_seen_unix_ms: number | null;
  readonly hostname: string;
  readonly platform: string;
  readonly user: string;
  readonly session: number | null;
}

export interface QueueEntry {
  readonly session: number;
  readonly customer: string;
  readonly waiting_since_unix_ms: number;
  readonly state: string;
}

export interface SessionEntry {
  readonly id: number;
  readonly state: 'waiting' | 'active' | 'ended';
  readonly kind: 'jump' | 'key';
  readonly customer: string;
  readonly jump_item: number | null;
  readonly representative: string | null;
  readonly started_unix_ms: number | null;
  readonly source_connected: boolean;
  readonly recording?: 'off' | 'on' | 'required';
}

export interface SessionTicket {
  readonly session: number;
  readonly ticket: string;
}

export interface SessionKey {
  readonly key: string;
  readonly expires_unix_ms: number;
  readonly url: string;
}

export interface EnrolmentToken {
  readonly token: string;
  readonly expires_unix_ms: number;
  readonly command: string;
}

export interface CheckedKey {
  readonly valid: boolean;
  readonly representative: string;
  readonly command: string;
  readonly download: string | null;
}

export interface PortalInfo {
  readonly name: string;
  readonly version: string;
  readonly download_available: boolean;
}

const REQUEST_TIMEOUT_MS = 15_000;

async function request<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
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
      throw errorOf(response.status, reply);
    }
    if (typeof reply !== 'object' || reply === null) {
      throw new ApiError(response.status, 'INVALID_REPLY', text.errors.badReply);
    }
    return reply as T;
  } catch (error) {
    if (error instanceof ApiError) {
      throw error;
    }
    throw new ApiError(0, 'UNREACHABLE', text.errors.unreachable);
  } finally {
    clearTimeout(timer);
  }
}

function errorOf(status: number, reply: unknown): ApiError {
  const error = (reply as { error?: { code?: unknown; message?: unknown } } | null)?.error;
  const code = typeof error?.code === 'string' ? error.code : '';
  if (typeof error?.message === 'string' && error.message !== '') {
    return new ApiError(status, code, error.message);
  }
  return new ApiError(status, code, status === 503 ? text.errors.unavailable : text.errors.status(status));
}

export const api = {
  signIn: (user: string, password: string, remember: boolean) =>
    request<SignedIn | SecondStep>('POST', 'sign-in', { user, password, ...(remember && { remember }) }),
  signInCode: (kind: 'totp' | 'recovery_code', attempt: string, code: string) =>
    request<SignedIn>('POST', kind === 'totp' ? 'sign-in/code' : 'sign-in/recovery-code', { attempt, code }),
  signInAuthenticator: (attempt: string, credential: Credential) =>
    request<SignedIn>('POST', 'sign-in/webauthn', { attempt, credential }),
  beginAuthenticatorSignIn: () =>
    request<{ attempt: string; webauthn: AuthenticatorRequest }>('POST', 'sign-in/webauthn/begin', {}),
  agreement: () => request<{ agreement: Agreement | null }>('GET', 'agreement'),
  acceptAgreement: (version: number) => request<SignedIn>('POST', 'agreement/accept', { version }),
  beginCodes: () => request<{ attempt: string; secret: string; uri: string }>('POST', 'me/totp', {}),
  confirmCodes: (attempt: string, code: string) =>
    request<{ recovery_codes: string[] }>('POST', 'me/totp/confirm', { attempt, code }),
  beginAuthenticator: () =>
    request<{ attempt: string; webauthn: AuthenticatorOffer }>('POST', 'me/authenticators/begin', {}),
  addAuthenticator: (attempt: string, credential: Credential) =>
    request<{ recovery_codes: string[] | null }>('POST', 'me/authenticators', { attempt, credential }),
  signOut: () => request<object>('POST', 'sign-out', {}),
  changePassword: (current: string, next: string) =>
    request<object>('POST', 'password', { current, new: next }),
  me: () => request<Me>('GET', 'me'),
  jumpItems: (after: number) =>
    request<{ jump_items: JumpItem[]; next: number | null }>('GET', `jump-items?after=${after}`),
  jump: (id: number, holderKey: string) =>
    request<SessionTicket>('POST', `jump-items/${id}/jump`, { holder_key: holderKey }),
  renameJumpItem: (id: number, name: string) => request<object>('POST', `jump-items/${id}/rename`, { name }),
  removeJumpItem: (id: number) => request<object>('POST', `jump-items/${id}/remove`, {}),
  sessions: () => request<{ sessions: SessionEntry[] }>('GET', 'sessions'),
  queue: () => request<{ queue: QueueEntry[] }>('GET', 'queue'),
  accept: (session: number, holderKey: string) =>
    request<SessionTicket>('POST', `sessions/${session}/accept`, { holder_key: holderKey }),
  join: (session: number, holderKey: string) =>
    request<SessionTicket>('POST', `sessions/${session}/join`, { holder_key: holderKey }),
  sessionsToWatch: () => request<{ sessions: SessionEntry[] }>('GET', 'sessions-to-watch'),
  watch: (session: number, holderKey: string) =>
    request<SessionTicket>('POST', `sessions/${session}/watch`, { holder_key: holderKey }),
  endSession: (session: number) => request<object>('POST', `sessions/${session}/end`, {}),
  chat: (session: number) => request<{ lines: ChatHistoryLine[] }>('GET', `sessions/${session}/chat`),
  createSessionKey: () => request<SessionKey>('POST', 'session-keys', {}),
  eventsTicket: (holderKey: string) => request<{ ticket: string }>('POST', 'events-ticket', { holder_key: holderKey }),
  createEnrolmentToken: (name: string, group: string) =>
    request<EnrolmentToken>('POST', 'enrolment-tokens', { ...(name && { name }), ...(group && { group }) }),
  checkKey: (key: string) => request<CheckedKey>('POST', 'portal/session-key', { key }),
  portalInfo: () => request<PortalInfo>('GET', 'portal'),
};

/* The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : text.errors.unexpected;
}
