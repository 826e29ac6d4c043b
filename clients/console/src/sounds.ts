/* SPDX-License-Identifier: Apache-2.0 */
/* Short tones that the page makes itself, and notices of the desktop while the page is hidden; both as the settings say. */
import { settings } from './settings';

export type Sound = 'waiting' | 'offer' | 'chat';

/* Hertz, one tone after the other. */
const tones: Readonly<Record<Sound, readonly number[]>> = {
  waiting: [523, 659],
  offer: [659, 784, 988],
  chat: [880],
};
const TONE_S = 0.16;
const volumes: Readonly<Record<string, number>> = { quiet: 0.04, normal: 0.12, loud: 0.35 };

let context: AudioContext | null = null;

/* Browsers keep quiet until the person has done something on the page; then this does nothing. */
export function play(sound: Sound, always = false): void {
  if (!always && settings.value(`sound_${sound}`) !== 'on') {
    return;
  }
  context ??= new AudioContext();
  const { destination, currentTime } = context;
  void context.resume().catch(() => undefined);
  const loud = volumes[settings.value('sound_volume')] ?? volumes.normal!;
  tones[sound].forEach((hertz, at) => {
    const tone = context!.createOscillator();
    const gain = context!.createGain();
    const start = currentTime + at * TONE_S;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loud, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, start + TONE_S * 1.6);
    tone.connect(gain).connect(destination);
    tone.start(start);
    tone.stop(start + TONE_S * 1.7);
  });
}

/* Something happened that the person should come back for. tag: a later one of the same replaces it. */
export function notice(title: string, body: string, tag: string): void {
  if (!document.hidden || !settings.isOn('desktop_notices') || Notification.permission !== 'granted') {
    return;
  }
  const shown = new Notification(title, { body, tag });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
