/* SPDX-License-Identifier: Apache-2.0 */
/* codec/limits.h - every bound of the codec, with its derivation. */
#ifndef CW_CODEC_LIMITS_H
#define CW_CODEC_LIMITS_H

enum {
    /* Damage is found in blocks of 16 pixels of one row (one cache line) and coded in bands of 16
     * rows. */
    CW_BLOCK_PX = 16,
    CW_BAND_ROWS = 16,
    /* Text or photograph is decided per cell of 4 blocks and one band. */
    CW_CELL_BLOCKS = 4,
    /* Operations a packet: 9 bytes each before compression, so 4096 of them are worth a few dozen
     * KB; far above the 8192 / 16 bands and CW_COPIES_MAX copies that the encoder always has room
     * for. */
    CW_OPS_MAX = 4096,
    /* Copies of one packet: an operation count beyond one a block that small pictures may use. */
    CW_COPIES_MAX = 64,
    /* What was shown before is kept in tiles of 64 x 64 pixels, in layers of the picture's size: the
     * last four versions of every place in full HD, two in 4K. 16 Mi pixels are 64 MiB, which a
     * browser's page can spare, and hold two pictures of 3840 x 2160. */
    CW_TILE_PX = 64,
    CW_CACHE_LAYERS_MAX = 4,
    CW_CACHE_PX_MAX = 1 << 24,
    /* Saves of one update, and restores: a switch of windows needs some dozen of either. */
    CW_CACHE_MOVES_MAX = 128,
    /* Colours of a packet's table: text in a few colours with its shades has some hundred to two
     * thousand; 12 KB a packet before compression. */
    CW_COLOURS_MAX = 4096,
    /* Vectors tried in a frame: one or two move on a desktop; each costs a comparison of the
     * damage. */
    CW_MOTION_VECTORS = 4,
    /* A window of 32 pixels is longer than a glyph's repeated slices; with fewer changes of colour it is found all
     * over a desktop. */
    CW_ANCHOR_PX = 32,
    CW_ANCHOR_CHANGES = 6,
    /* Windows of one colour, or of short patterns, hash to short patterns of bits: not to this one. */
    CW_ANCHOR_VALUE = 0x1E3779B1,
    /* Pixels of a row that one word of the damage's bits stands for, and that are hashed together. */
    CW_SEGMENT_PX = CW_BLOCK_PX * 64,
    /* One row of so many is compared at each scan though its hash is the same: 1 or 2 seconds to see what a hash hid,
     * for 2 % of a scan. */
    CW_VERIFY_ROWS = 64,
    /* A JPEG's sides: 2,040 of them cover 7680 x 4320 pixels, and the planes of one take 48 KB. */
    CW_JPEG_SIDE_PX_MAX = 128,
    /* Tiles of half that side up to 3840 x 2160, so that a keyframe has operations left for as many
     * patches. */
    CW_LOSSY_TILES_MAX = 2176,
    /* Fewer pixels of pictures than one tile are coded without loss at once. */
    CW_LOSSY_PX_MIN = 4096,
    /* Where the rate of pictures counts for more than each one's looks. */
    CW_VIDEO_QUALITY_MAX = 70,
    /* Where a film plays is known for a second after it was last as large. */
    CW_MOVING_KEEP_NS = 1000000000,
    /* A moving picture's sides and pixels: vectors in quarters of a pixel fit 16 bits with sign, and the planes of two
     * frames take 57 MB at most. */
    CW_MOVING_SIDE_PX_MAX = 7680,
    CW_MOVING_PX_MAX = 4096 * 2304,
    /* Compression window. 4 MB hold the last few updates of a full-HD desktop; a decoder needs as
     * much. */
    CW_WINDOW_LOG_MAX = 22,
    CW_WINDOW_LOG_MIN = 17,
};

#endif
