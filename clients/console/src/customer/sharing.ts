/* SPDX-License-Identifier: Apache-2.0 */
/* What the person shares: the browser's picker, the encoder's worker, and the way of its frames to the connection.
 *
 *   OFF --share--> PICKING --chosen--> ON --stop, the browser's own bar, the window is gone, failure--> OFF
 */
import { Observable } from '../observable';
import type { Connection } from '../wire/connection';
import type { FromWorker, ToWorker } from './share_messages';
import { encoderWorker } from '../trusted';

declare const ENCODER_URL: string;

interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorClass = new (options: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

export type SharingState = 'off' | 'picking' | 'on';
/* Why there is no share: nobody chose, the browser or the system forbids it, it cannot, or something failed. */
export type SharingFailure = 'cancelled' | 'forbidden' | 'unsupported' | 'load' | 'size' | 'encoder' | 'unreadable';

export interface SharingOwner {
  /* Nothing is shared any more, for whatever reason but stop(). */
  ended(failure: SharingFailure | null, detail: string): void;
}

/* More than this in the socket waits for the network; what is typed must not wait behind it. */
const SOCKET_BYTES_MAX = 256 * 1024;

export function canShare(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function' && typeof WebAssembly === 'object';
}

function processorOf(track: MediaStreamTrack): ReadableStream<VideoFrame> | null {
  const known = (globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }).MediaStreamTrackProcessor;
  try {
    return known ? new known({ track, maxBufferSize: 1 }).readable : null;
  } catch {
    return null;
  }
}

export class Sharing extends Observable {
  state: SharingState = 'off';
  surface: string | undefined; /* monitor, window or browser, as far as the browser says */
  width = 0;
  height = 0;

  #worker: Worker | null = null;
  #stream: MediaStream | null = null;
  #video: HTMLVideoElement | null = null;
  #canvas: HTMLCanvasElement | null = null;
  #share = 0;
  #connection: Connection | null = null;
  #connectionNumber = 0;
  #untaken = 0; /* frames in the socket that the worker does not count as gone yet */
  /* What the appliance said on this connection before there was a worker. */
  #session = 0;
  #synced = false;
  #reduced = false;
  #settings: { colours: number; flags: number } | null = null;
  #allowed = false;

  constructor(private readonly owner: SharingOwner) {
    super();
  }

  /* Must be called by a press of the person. Resolves with whether something is shared. */
  async share(): Promise<SharingFailure | null> {
    if (!canShare()) {
      return 'unsupported';
    }
    this.#set(() => (this.state = 'picking'));
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({
        audio: false,
        video: { frameRate: { ideal: 30, max: 60 }, cursor: 'always' } as MediaTrackConstraints,
      });
      this.#begin(stream);
      return null;
    } catch (error) {
      console.warn(error);
      this.#end();
      return failureOf(error);
    }
  }

  /* The person does not share any more. */
  stop(): void {
    this.#end();
  }

  /* Whether somebody may see it now. */
  allow(allowed: boolean): void {
    this.#allowed = allowed;
    this.#tell({ kind: 'allowed', allowed });
  }

  connected(connection: Connection, session: number): void {
    this.#connection = connection;
    this.#connectionNumber += 1;
    this.#session = session;
    this.#synced = this.#reduced = false;
    this.#settings = null;
    this.#untaken = 0;
    this.#tell({ kind: 'connected', connection: this.#connectionNumber, session });
  }

  lost(): void {
    this.#connection = null;
    this.#untaken = 0;
    this.#tell({ kind: 'lost' });
  }

  sync(rendition: number): void {
    this.#synced = true;
    this.#tell({ kind: 'sync', rendition });
  }

  acknowledged(rendition: number, update: number): void {
    this.#tell({ kind: 'acknowledged', rendition, update });
  }

  wantReduced(wanted: boolean): void {
    this.#reduced = wanted;
    this.#tell({ kind: 'reduced', wanted });
  }

  set(colours: number, flags: number): void {
    this.#settings = { colours, flags };
    this.#tell({ kind: 'settings', colours, flags });
  }

  /* The page is left. */
  free(): void {
    this.#end();
    this.#worker?.terminate();
    this.#worker = null;
  }

  #set(change: () => void): void {
    change();
    this.changed();
  }

  #tell(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #begin(stream: MediaStream): void {
    const track = stream.getVideoTracks()[0];
    if (!track) {
      throw new DOMException('no picture', 'NotReadableError');
    }
    this.#releaseStream();
    this.#stream = stream;
    this.#share += 1;
    const mine = this.#share;
    track.addEventListener('ended', () => {
      if (mine === this.#share && this.state === 'on') {
        this.#end();
        this.owner.ended(null, '');
      }
    });
    this.#startWorker();
    const frames = processorOf(track);
    if (frames) {
      this.#tell({ kind: 'frames', share: mine, frames }, [frames as unknown as Transferable]);
    } else {
      this.#tell({ kind: 'pictures', share: mine });
    }
    this.#set(() => {
      this.state = 'on';
      this.surface = (track.getSettings() as { displaySurface?: string }).displaySurface;
      this.width = this.height = 0;
    });
  }

  #startWorker(): void {
    if (this.#worker) {
      return;
    }
    const worker = encoderWorker();
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#hear(event.data);
    worker.onerror = () => this.#fail('load', '');
    this.#tell({ kind: 'start', url: new URL(ENCODER_URL, location.href).href });
    if (this.#connection) {
      this.#tell({ kind: 'connected', connection: this.#connectionNumber, session: this.#session });
    }
    if (this.#settings) {
      this.#tell({ kind: 'settings', ...this.#settings });
    }
    if (this.#synced) {
      this.#tell({ kind: 'sync', rendition: 0 });
    }
    if (this.#reduced) {
      this.#tell({ kind: 'reduced', wanted: true });
    }
    this.#tell({ kind: 'allowed', allowed: this.#allowed });
  }

  #hear(message: FromWorker): void {
    switch (message.kind) {
      case 'output':
        this.#send(message.connection, message.frames);
        return;
      case 'look':
        this.#look();
        return;
      case 'wanted':
        this.#givePicture(message.share);
        return;
      case 'size':
        this.#set(() => {
          this.width = message.width;
          this.height = message.height;
        });
        return;
      case 'failed':
        this.#fail(message.why, message.detail);
        return;
    }
  }

  #fail(failure: SharingFailure, detail: string): void {
    /* Another try begins with another module: this one may be in any state. */
    this.#worker?.terminate();
    this.#worker = null;
    const was = this.state;
    this.#end();
    if (was === 'on') {
      this.owner.ended(failure, detail);
    }
  }

  #send(connection: number, frames: readonly ArrayBuffer[]): void {
    if (connection !== this.#connectionNumber || !this.#connection) {
      return; /* of a connection that is gone; the worker has been told */
    }
    for (const frame of frames) {
      this.#connection.sendFrame(frame);
    }
    this.#untaken += frames.length;
    this.#look();
  }

  #look(): void {
    if (this.#untaken > 0 && (this.#connection?.bufferedBytes ?? 0) <= SOCKET_BYTES_MAX) {
      this.#tell({ kind: 'taken', count: this.#untaken });
      this.#untaken = 0;
    }
  }

  #play(stream: MediaStream): void {
    this.#video = document.createElement('video');
    this.#video.muted = true;
    this.#video.srcObject = stream;
    this.#canvas = document.createElement('canvas');
    void this.#video.play().catch(() => undefined);
  }

  #givePicture(share: number): void {
    if (share !== this.#share || !this.#stream) {
      return;
    }
    if (!this.#video) {
      this.#play(this.#stream);
    }
    const [video, canvas] = [this.#video, this.#canvas];
    if (!video || !canvas || video.videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
      return;
    }
    const [width, height] = [video.videoWidth, video.videoHeight];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    if (!context) {
      return;
    }
    context.drawImage(video, 0, 0);
    const pixels = context.getImageData(0, 0, width, height).data.buffer;
    this.#tell({ kind: 'picture', share, width, height, pixels }, [pixels]);
  }

  #releaseStream(): void {
    for (const track of this.#stream?.getTracks() ?? []) {
      track.stop();
    }
    if (this.#video) {
      this.#video.srcObject = null;
    }
    this.#stream = this.#video = this.#canvas = null;
  }

  #end(): void {
    this.#share += 1;
    this.#releaseStream();
    this.allow(false);
    this.#tell({ kind: 'stop' });
    if (this.state !== 'off') {
      this.#set(() => (this.state = 'off'));
    }
  }
}

function failureOf(error: unknown): SharingFailure {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') {
    /* The person closed the picker, or the system keeps screens from the browser: browsers say the same of both. */
    return /system|policy/i.test(String((error as DOMException).message)) ? 'forbidden' : 'cancelled';
  }
  if (name === 'NotReadableError' || name === 'AbortError' || name === 'NotFoundError') {
    return 'unreadable';
  }
  if (name === 'NotSupportedError') {
    return 'unsupported';
  }
  return name === '' ? 'load' : 'cancelled';
}
