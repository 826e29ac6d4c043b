/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder's worker: pictures in, frames of the wire out (clients/web/README.md). Timers run here as they should while
 * the page is behind the window that it shares.
 */
import type { Exports, FromWorker, ToWorker } from './share_messages';

interface WorkerScope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

/* Frames that the page has and has not given to its socket: 256 KB. */
const UNDER_WAY_MAX = 16;
const LOOK_MS = 8;
/* Without frames of the browser's own a picture is drawn and read, which costs more. */
const PICTURE_MS = 100;
/* What rests may give no frame at all: then one picture is asked for in that way, which makes the browser give one. */
const FIRST_PICTURE_MS = 400;

let codec: Exports | null = null;
let allowed = false;
let connection = 0;
let share = 0;
let hasPicture = false; /* of this share: what an earlier one left is not shown again */
let underWay = 0;
let timer: ReturnType<typeof setTimeout> | null = null;
let reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
let scratch = new Uint8Array(0);
let canvas: OffscreenCanvas | null = null;
let shown = { width: 0, height: 0 };
let failed = false;
let waiting: ToWorker[] = []; /* until the module is there */

function say(message: FromWorker, transfer: Transferable[] = []): void {
  scope.postMessage(message, transfer);
}

function fail(why: 'load' | 'size' | 'encoder', detail: unknown): void {
  if (!failed) {
    failed = true;
    say({ kind: 'failed', why, detail: String(detail) });
  }
}

function textAt(pointer: number): string {
  const all = new Uint8Array(codec!.memory.buffer, pointer >>> 0, 512);
  return new TextDecoder().decode(all.slice(0, Math.max(0, all.indexOf(0))));
}

/* Sends what there is room for. */
function output(): void {
  const frames: ArrayBuffer[] = [];
  while (underWay < UNDER_WAY_MAX) {
    const pointer = codec!.cw_web_output() >>> 0;
    if (pointer === 0) {
      break;
    }
    const bytes = codec!.cw_web_output_bytes() >>> 0;
    frames.push(codec!.memory.buffer.slice(pointer, pointer + bytes));
    codec!.cw_web_sent();
    underWay += 1;
  }
  if (frames.length > 0) {
    say({ kind: 'output', connection, frames }, frames);
  }
}

/* Whatever is due now; then sleeps until something happens or the source's time comes. */
function turn(): void {
  if (timer !== null) {
    clearTimeout(timer);
    timer = null;
  }
  if (!codec || failed) {
    return;
  }
  const now = performance.now();
  if (codec.cw_web_process(allowed && hasPicture ? 1 : 0, now) !== 0) {
    fail('encoder', textAt(codec.cw_web_text()));
    return;
  }
  output();
  const line = textAt(codec.cw_web_log());
  if (line !== '') {
    console.warn(line);
  }
  const deadline = codec.cw_web_deadline_ms();
  let wait = deadline < 0 ? Infinity : Math.max(0, deadline - performance.now());
  if (underWay >= UNDER_WAY_MAX) {
    wait = Infinity; /* nothing can go on before the page has taken some */
  }
  if (underWay > 0) {
    wait = Math.min(wait, LOOK_MS);
  }
  if (wait !== Infinity) {
    timer = setTimeout(() => {
      timer = null;
      if (underWay > 0) {
        say({ kind: 'look' });
      }
      turn();
    }, wait);
  }
}

function show(width: number, height: number, rgba: Uint8Array): void {
  const room = codec!.cw_web_room(width, height) >>> 0;
  if (room === 0) {
    fail('size', `${width} × ${height}`);
    return;
  }
  new Uint8Array(codec!.memory.buffer, room, width * height * 4).set(rgba);
  if (codec!.cw_web_picture() !== 0) {
    fail('encoder', textAt(codec!.cw_web_text()));
    return;
  }
  hasPicture = true;
  if (shown.width !== width || shown.height !== height) {
    shown = { width, height };
    say({ kind: 'size', width, height });
  }
  turn();
}

function room(bytes: number): Uint8Array<ArrayBuffer> {
  if (scratch.byteLength < bytes) {
    scratch = new Uint8Array(bytes);
  }
  return scratch.subarray(0, bytes);
}

/* R, G, B, A of a frame; browsers whose frames do not convert themselves draw them. */
async function pixelsOf(frame: VideoFrame, width: number, height: number): Promise<Uint8Array> {
  const out = room(width * height * 4);
  try {
    await frame.copyTo(out, { format: 'RGBA' } as VideoFrameCopyToOptions);
    return out;
  } catch {
    canvas ??= new OffscreenCanvas(width, height);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false })!;
    context.drawImage(frame, 0, 0, width, height);
    return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
  }
}

async function follow(frames: ReadableStream<VideoFrame>, mine: number): Promise<void> {
  const own = frames.getReader();
  reader = own;
  try {
    for (;;) {
      const { value: frame, done } = await own.read();
      if (done) {
        return;
      }
      try {
        const rect = frame.visibleRect;
        if (rect && rect.width > 0 && rect.height > 0 && mine === share && !failed) {
          const pixels = await pixelsOf(frame, rect.width, rect.height);
          if (mine === share) {
            show(rect.width, rect.height, pixels);
          }
        }
      } finally {
        frame.close();
      }
    }
  } catch (error) {
    if (mine === share) {
      fail('encoder', error);
    }
  }
}

function begin(number: number): void {
  void reader?.cancel().catch(() => undefined);
  reader = null;
  share = number;
  hasPicture = false;
  failed = false;
  shown = { width: 0, height: 0 };
}

/* Again and again, or only until there is a picture. */
function ask(mine: number, isFirst: boolean): void {
  if (mine === share && !failed && !(isFirst && hasPicture)) {
    say({ kind: 'wanted', share: mine });
    setTimeout(() => ask(mine, isFirst), PICTURE_MS);
  }
}

function take(message: ToWorker): void {
  const c = codec!;
  switch (message.kind) {
    case 'start':
      return;
    case 'frames':
      begin(message.share);
      void follow(message.frames, message.share);
      setTimeout(() => ask(message.share, true), FIRST_PICTURE_MS);
      return;
    case 'pictures':
      begin(message.share);
      ask(message.share, false);
      return;
    case 'picture':
      if (message.share === share) {
        show(message.width, message.height, new Uint8Array(message.pixels));
      }
      return;
    case 'stop':
      begin(-1);
      break;
    case 'allowed':
      allowed = message.allowed;
      break;
    case 'connected':
      connection = message.connection;
      underWay = 0;
      c.cw_web_connected(message.session);
      break;
    case 'lost':
      underWay = 0;
      c.cw_web_lost();
      break;
    case 'sync':
      c.cw_web_sync(message.rendition);
      break;
    case 'acknowledged':
      c.cw_web_ack(message.rendition, message.update, performance.now());
      break;
    case 'reduced':
      c.cw_web_want_reduced(message.wanted ? 1 : 0);
      break;
    case 'settings':
      c.cw_web_set(message.colours, message.flags);
      break;
    case 'taken':
      underWay = Math.max(0, underWay - message.count);
      break;
  }
  turn();
}

/* What the encoder's own checks stop is a failure like any other. */
function guarded(message: ToWorker): void {
  try {
    take(message);
  } catch (error) {
    fail('encoder', error);
  }
}

async function start(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`status ${response.status}`);
  }
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer(), {});
  codec = instance.exports as unknown as Exports;
  waiting.splice(0).forEach(guarded);
}

scope.onmessage = ({ data }) => {
  if (data.kind === 'start') {
    start(data.url).catch((error: unknown) => fail('load', error));
  } else if (codec) {
    guarded(data);
  } else {
    waiting.push(data);
  }
};
