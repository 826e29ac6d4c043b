/* SPDX-License-Identifier: Apache-2.0 */
/* What everybody is told: notices of the administrator, and that the portal is closed and when it opens. */
import type { PortalLook } from '../api/portal';
import { language } from '../text/common';
import { text } from '../text/portal';
import { Icon, Prose } from './parts';

export function Notices({ notices }: { notices: readonly { readonly text: string }[] }) {
  if (notices.length === 0) {
    return null;
  }
  return (
    <ul class="notices" aria-label={text.portal.notices} data-testid="notices">
      {notices.map((notice, i) => (
        <li key={i} class="banner">
          <Icon name="info" />
          <Prose>{notice.text}</Prose>
        </li>
      ))}
    </ul>
  );
}

/* In the visitor's own time zone, which is named because the portal may be elsewhere. */
export function openingTime(unixMs: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
    ...(timeZone && { timeZone }),
  }).format(unixMs);
}

export function Closed({ look }: { look: PortalLook }) {
  return (
    <div class="banner banner-closed" data-testid="closed">
      <Icon name="clock" />
      <div>
        <h2>{text.portal.closed.title}</h2>
        {look.closed_is_own && <Prose>{look.closed}</Prose>}
        {look.opens_unix_ms !== null && (
          <p data-testid="opens">{text.portal.closed.opens(openingTime(look.opens_unix_ms))}</p>
        )}
        {look.show_keys && <p>{text.portal.closed.keysOnly}</p>}
      </div>
    </div>
  );
}
