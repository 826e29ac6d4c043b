/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that representatives send into the chat. */
import type { PageProps } from '../../pages';
import { CannedPage } from './canned';

export default function CannedMessagesPage(props: PageProps) {
  return <CannedPage {...props} kind="message" />;
}
