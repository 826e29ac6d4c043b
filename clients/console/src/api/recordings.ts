/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: their parts, and stretches of a part's file. */
import { get } from './request';

export interface RecordingPart {
  readonly session: number;
  readonly part: number;
  readonly file: string;
  readonly bytes: number;
  readonly blocks: number;
  readonly state: 'whole' | 'cut';
  readonly sealed_unix_ms: number;
  readonly root_hash: string;
}

export interface Stretch {
  readonly bytes: number; /* of the whole file */
  readonly offset: number;
  readonly data: string; /* base64url */
  readonly next: number | null;
}

export const recordingsApi = {
  list: () => get<{ recording: 'off' | 'on' | 'required'; recordings: RecordingPart[] }>('recordings'),
  read: (file: string, offset: number) => get<Stretch>('recording-data', { file, offset }),
};
