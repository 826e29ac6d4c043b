/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the person a file. */

/* The browser has long begun to write it by then. */
const KEPT_MS = 60_000;

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
