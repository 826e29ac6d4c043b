/* SPDX-License-Identifier: Apache-2.0 */
/* engine/x.h - a sample. */
#ifndef X_H
#define X_H
#endif
