/* SPDX-License-Identifier: Apache-2.0 */
/* engine/x.h - a sample. */
#ifndef CW_ENGINE_X_H
#define CW_ENGINE_X_H

int cw_x(void);

#endif
