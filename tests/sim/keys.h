/* SPDX-License-Identifier: Apache-2.0 */
/* tests/sim/keys.h - the appliance's keys and certificates as files that are the same in every run.
 *
 * Thread:    one.
 * Errors:    CW_CHECK.
 * Invariant: the same bytes each time: an ECDSA signature is 70 to 72 bytes long, so other keys or dates
 *            would give another history for the same seed.
 */
#ifndef CW_TESTS_SIM_KEYS_H
#define CW_TESTS_SIM_KEYS_H

/* Writes identity, native and web .key and .crt, as engine/certificates.c reads them. OpenSSL's random numbers
 * come from a fixed seed afterwards (cw_net_seed_openssl). */
void cw_sim_keys_write(const char *directory);
void cw_sim_keys_remove(const char *directory);

#endif
