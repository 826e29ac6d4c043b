/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted Types: the pages' only policy. It lets nothing but the address that the build wrote into the page become a
 * script's; no text ever becomes markup. Where the browser has no Trusted Types the address is used as it is. */
declare const ENCODER_WORKER_URL: string; /* build.mjs puts it in */

interface Factory {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): {
    createScriptURL(address: string): unknown;
  };
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;

/* A policy may be made once, so it is made here and kept. */
const policy = factory?.createPolicy('causeway-worker', {
  createScriptURL: (address) => {
    if (address !== ENCODER_WORKER_URL) {
      throw new TypeError('not a script of this page');
    }
    return address;
  },
});

export function encoderWorker(): Worker {
  const address = (policy?.createScriptURL(ENCODER_WORKER_URL) ?? ENCODER_WORKER_URL) as string;
  return new Worker(address, { type: 'module' });
}
