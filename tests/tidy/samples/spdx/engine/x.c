int cw_x(void);
