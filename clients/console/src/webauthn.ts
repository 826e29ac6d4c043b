/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticators: what the appliance asks and what the browser answers, as control/API.md has it. */
export interface AuthenticatorRequest {
  readonly challenge: string;
  readonly rp_id: string;
  readonly allow: readonly string[];
  readonly user_verification: 'required' | 'preferred';
  readonly timeout_s: number;
}

export interface AuthenticatorOffer {
  readonly challenge: string;
  readonly rp_id: string;
  readonly rp_name: string;
  readonly user_handle: string;
  readonly user: string;
  readonly display_name: string;
  readonly algorithms: readonly number[];
  readonly exclude: readonly string[];
  readonly timeout_s: number;
}

export type Credential = Readonly<Record<string, string>>;

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function base64url(buffer: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function descriptors(ids: readonly string[]): PublicKeyCredentialDescriptor[] {
  return ids.map((id) => ({ type: 'public-key', id: bytes(id) }));
}

export function hasAuthenticators(): boolean {
  return typeof window.PublicKeyCredential === 'function';
}

/* Throws what navigator.credentials throws: the person said no, or waited too long. */
export async function askAuthenticator(request: AuthenticatorRequest): Promise<Credential> {
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(request.challenge),
      rpId: request.rp_id,
      allowCredentials: descriptors(request.allow),
      userVerification: request.user_verification,
      timeout: request.timeout_s * 1000,
    },
  }) as PublicKeyCredential;
  const answer = found.response as AuthenticatorAssertionResponse;
  return {
    id: base64url(found.rawId),
    client_data: base64url(answer.clientDataJSON),
    authenticator_data: base64url(answer.authenticatorData),
    signature: base64url(answer.signature),
    ...(answer.userHandle && { user_handle: base64url(answer.userHandle) }),
  };
}

export async function makeCredential(offer: AuthenticatorOffer): Promise<Credential> {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(offer.challenge),
      rp: { id: offer.rp_id, name: offer.rp_name },
      user: { id: bytes(offer.user_handle), name: offer.user, displayName: offer.display_name },
      pubKeyCredParams: offer.algorithms.map((alg) => ({ type: 'public-key', alg })),
      excludeCredentials: descriptors(offer.exclude),
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      attestation: 'none',
      timeout: offer.timeout_s * 1000,
    },
  }) as PublicKeyCredential;
  const answer = made.response as AuthenticatorAttestationResponse;
  return {
    id: base64url(made.rawId),
    client_data: base64url(answer.clientDataJSON),
    attestation: base64url(answer.attestationObject),
  };
}
