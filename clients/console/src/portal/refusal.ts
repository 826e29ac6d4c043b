/* SPDX-License-Identifier: Apache-2.0 */
/* Why the appliance refused, in the reader's language. Its own sentences are English and more exact, so an English
 * reader gets those. */
import { ApiError, sentence } from '../api/request';
import { language } from '../text/common';

/* By status, and by code where a status says too little. */
export type Refusals = Readonly<Record<number | string, string>>;

export function refusal(error: unknown, known: Refusals): string {
  if (!(error instanceof ApiError) || language === 'en') {
    return sentence(error);
  }
  return known[error.code] ?? known[error.status] ?? sentence(error);
}
