/* SPDX-License-Identifier: Apache-2.0 */
/* What the page and its encoder's worker say to each other. */

export type ToWorker =
  | { readonly kind: 'start'; readonly url: string }
  /* A new share: pictures come from frames, or one by one as the worker asks for them. */
  | { readonly kind: 'frames'; readonly share: number; readonly frames: ReadableStream<VideoFrame> }
  | { readonly kind: 'pictures'; readonly share: number }
  | { readonly kind: 'picture'; readonly share: number; readonly width: number; readonly height: number;
      readonly pixels: ArrayBuffer }
  | { readonly kind: 'stop' }
  | { readonly kind: 'allowed'; readonly allowed: boolean }
  | { readonly kind: 'connected'; readonly connection: number; readonly session: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'sync'; readonly rendition: number }
  | { readonly kind: 'acknowledged'; readonly rendition: number; readonly update: number }
  | { readonly kind: 'reduced'; readonly wanted: boolean }
  | { readonly kind: 'settings'; readonly colours: number; readonly flags: number }
  /* So many frames went to the socket. */
  | { readonly kind: 'taken'; readonly count: number };

export type FromWorker =
  | { readonly kind: 'output'; readonly connection: number; readonly frames: readonly ArrayBuffer[] }
  | { readonly kind: 'look' } /* is there room in the socket? */
  | { readonly kind: 'wanted'; readonly share: number } /* a picture */
  | { readonly kind: 'size'; readonly width: number; readonly height: number }
  | { readonly kind: 'failed'; readonly why: 'load' | 'size' | 'encoder'; readonly detail: string };

export interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly cw_web_room: (width: number, height: number) => number;
  readonly cw_web_picture: () => number;
  readonly cw_web_connected: (session: number) => void;
  readonly cw_web_lost: () => void;
  readonly cw_web_sync: (rendition: number) => void;
  readonly cw_web_ack: (rendition: number, update: number, nowMs: number) => void;
  readonly cw_web_want_reduced: (wanted: number) => void;
  readonly cw_web_set: (colours: number, flags: number) => void;
  readonly cw_web_process: (allowed: number, nowMs: number) => number;
  readonly cw_web_deadline_ms: () => number;
  readonly cw_web_output: () => number;
  readonly cw_web_output_bytes: () => number;
  readonly cw_web_sent: () => void;
  readonly cw_web_text: () => number;
  readonly cw_web_log: () => number;
}
