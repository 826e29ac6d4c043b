/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, and the caller's own account. */
import type { AuthenticatorOffer, AuthenticatorRequest, Credential } from '../webauthn';
import { get, post } from './request';

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

export interface TeamOfMine {
  readonly id: number;
  readonly name: string;
  readonly role: 'member' | 'lead' | 'manager';
}

export interface Me {
  readonly next: NextStep;
  readonly account: Account;
  readonly appliance: { readonly name: string; readonly version: string; readonly identity: string };
  readonly rights: readonly string[]; /* names, as in control/API.md "Accounts, rights and group policies" */
  readonly teams: readonly TeamOfMine[];
}

export interface Authenticator {
  readonly id: number;
  readonly name: string;
  readonly created_unix_ms: number;
  readonly last_used_unix_ms: number | null;
}

export interface Factors {
  readonly required: boolean;
  readonly totp: boolean;
  readonly recovery_codes_left: number;
  readonly authenticators: readonly Authenticator[];
}

/* Where one is signed in. */
export interface Place {
  readonly id: number;
  readonly address: string;
  readonly signed_in_unix_ms: number;
  readonly last_used_unix_ms: number;
  readonly remembered: boolean;
  readonly current: boolean;
}

export const AUTHENTICATORS_MAX = 10;

export const accountApi = {
  signIn: (user: string, password: string, remember: boolean) =>
    post<SignedIn | SecondStep>('sign-in', { user, password, ...(remember && { remember }) }),
  signInCode: (kind: 'totp' | 'recovery_code', attempt: string, code: string) =>
    post<SignedIn>(kind === 'totp' ? 'sign-in/code' : 'sign-in/recovery-code', { attempt, code }),
  signInAuthenticator: (attempt: string, credential: Credential) =>
    post<SignedIn>('sign-in/webauthn', { attempt, credential }),
  beginAuthenticatorSignIn: () =>
    post<{ attempt: string; webauthn: AuthenticatorRequest }>('sign-in/webauthn/begin'),
  agreement: () => get<{ agreement: Agreement | null }>('agreement'),
  acceptAgreement: (version: number) => post<SignedIn>('agreement/accept', { version }),
  beginCodes: () => post<{ attempt: string; secret: string; uri: string }>('me/totp'),
  confirmCodes: (attempt: string, code: string) =>
    post<{ recovery_codes: string[] }>('me/totp/confirm', { attempt, code }),
  beginAuthenticator: () => post<{ attempt: string; webauthn: AuthenticatorOffer }>('me/authenticators/begin'),
  addAuthenticator: (attempt: string, credential: Credential, name = '') =>
    post<{ recovery_codes: string[] | null }>('me/authenticators', { attempt, credential, ...(name && { name }) }),
  removeAuthenticator: (id: number) => post(`me/authenticators/${id}/remove`),
  factors: () => get<Factors>('me/factors'),
  removeCodes: () => post('me/totp/remove'),
  renewRecoveryCodes: () => post<{ recovery_codes: string[] }>('me/recovery-codes'),
  places: () => get<{ sign_ins: Place[] }>('me/sign-ins'),
  endPlace: (id: number) => post(`me/sign-ins/${id}/end`),
  endOtherPlaces: () => post('me/sign-ins/end-others'),
  signOut: () => post('sign-out'),
  changePassword: (current: string, next: string) => post('password', { current, new: next }),
  checkPassword: (password: string) => post('me/password-check', { password }),
  me: () => get<Me>('me'),
  eventsTicket: (holderKey: string) => post<{ ticket: string }>('events-ticket', { holder_key: holderKey }),
};
