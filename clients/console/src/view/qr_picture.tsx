/* SPDX-License-Identifier: Apache-2.0 */
/* A QR code as a drawing: always dark on white, whatever the theme, with the quiet zone that scanners need. */
import { encodeQr, pathOf } from '../qr';

const QUIET = 4;

export function QrPicture({ content, label }: { content: string; label: string }) {
  const code = encodeQr(content);
  if (!code) {
    return null; /* too long to scan; what it says is beside it as text */
  }
  const size = code.size + 2 * QUIET;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`${-QUIET} ${-QUIET} ${size} ${size}`} shape-rendering="crispEdges"
      data-testid="qr">
      <rect x={-QUIET} y={-QUIET} width={size} height={size} fill="#fff" />
      <path d={pathOf(code)} fill="#000" />
    </svg>
  );
}
