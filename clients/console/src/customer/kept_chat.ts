/* SPDX-License-Identifier: Apache-2.0 */
/* What a chat in this tab keeps so that the page can be loaded again: the key pair and the resume ticket in IndexedDB,
 * where a key pair stays as unreadable as it was, and the rest in the tab's own storage, gone with it.
 *
 * Two tabs never share one: a row is found with a random name that only its tab knows.
 */
export interface KeptChat {
  readonly row: string; /* of the key pair */
  readonly session: number;
  readonly participant: number;
  readonly visit: string;
  readonly representative: string;
  readonly shared: boolean; /* something was shared when this was written */
}

export interface KeptSecret {
  readonly secret: CryptoKey;
  readonly publicKey: string;
  readonly resumeTicket: Uint8Array | null;
  readonly keptUnixMs: number;
}

const NAME = 'causeway.chat';
const DATABASE = 'causeway-chat';
const STORE = 'secrets';
/* A resume ticket is good for a day. */
const LIFE_MS = 24 * 3600 * 1000;

export function keptChat(): KeptChat | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Partial<KeptChat> | null;
    if (!kept || typeof kept.row !== 'string' || typeof kept.session !== 'number' ||
        typeof kept.participant !== 'number') {
      return null;
    }
    return {
      row: kept.row,
      session: kept.session,
      participant: kept.participant,
      visit: typeof kept.visit === 'string' ? kept.visit : '',
      representative: typeof kept.representative === 'string' ? kept.representative : '',
      shared: kept.shared === true,
    };
  } catch {
    return null;
  }
}

/* Whether a page that is loaded again should call startClickToChat again. */
export function hasKeptChat(): boolean {
  return keptChat() !== null;
}

/* Whether this browser can hold a session at all: its keys are told of by its age only when one is made. */
export function canChat(): boolean {
  return typeof WebSocket === 'function' && typeof crypto?.subtle === 'object';
}

/* The customer begins anew. */
export function dropKeptChat(): void {
  const kept = keptChat();
  if (kept) {
    void forgetChat(kept.row);
  }
}

export function keepChat(kept: KeptChat): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    /* A browser that keeps nothing: a page that is loaded again begins anew. */
  }
}

function forgetTab(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    /* Nothing was kept either. */
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore<T>(mode: IDBTransactionMode, run: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
  try {
    const database = await opened();
    try {
      return await new Promise<T>((resolve, reject) => {
        const request = run(database.transaction(STORE, mode).objectStore(STORE));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } finally {
      database.close();
    }
  } catch {
    return null; /* the same: nothing is kept */
  }
}

export async function keepSecret(row: string, secret: KeptSecret): Promise<void> {
  await inStore('readwrite', (store) => store.put(secret, row));
}

export async function keptSecret(row: string): Promise<KeptSecret | null> {
  const found = (await inStore('readonly', (store) => store.get(row))) as Partial<KeptSecret> | null | undefined;
  if (!found || !(found.secret instanceof CryptoKey) || typeof found.publicKey !== 'string' ||
      typeof found.keptUnixMs !== 'number' || Date.now() - found.keptUnixMs > LIFE_MS) {
    return null;
  }
  const ticket = found.resumeTicket instanceof Uint8Array ? found.resumeTicket : null;
  return { secret: found.secret, publicKey: found.publicKey, resumeTicket: ticket, keptUnixMs: found.keptUnixMs };
}

/* The chat is over. Rows that tabs left behind go with it once they are of no use. */
export async function forgetChat(row: string): Promise<void> {
  forgetTab();
  await inStore('readwrite', (store) => store.delete(row));
  const keys = await inStore('readonly', (store) => store.getAllKeys());
  for (const key of keys ?? []) {
    if (typeof key === 'string' && !(await keptSecret(key))) {
      await inStore('readwrite', (store) => store.delete(key));
    }
  }
}
