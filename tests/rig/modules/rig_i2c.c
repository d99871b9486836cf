// SPDX-License-Identifier: GPL-2.0-only
/*
 * An I2C bus with one device on it that takes every write. Each write is handed, whole, to whoever
 * reads /dev/rig-i2c-tap: one byte address, two bytes length (little-endian), then the bytes.
 * A read of an empty tap returns 0. Reads on the bus answer zeros.
 */
#include <linux/circ_buf.h>
#include <linux/i2c.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define TAP_BYTES (4u << 20) /* a power of two; about 3,900 whole frames of 128x64 */

static int address = 0x3c;
module_param(address, int, 0644);
MODULE_PARM_DESC(address, "the only address that answers");

static bool nak;
module_param(nak, bool, 0644);
MODULE_PARM_DESC(nak, "answer nothing, as a display whose cable is off");

static int bus = 1;
module_param(bus, int, 0444);
MODULE_PARM_DESC(bus, "number of the bus: N of /dev/i2c-N");

static unsigned int dropped;
module_param(dropped, uint, 0444);
MODULE_PARM_DESC(dropped, "writes that the tap had no room for");

static DEFINE_MUTEX(tap_lock);
static struct circ_buf tap;

static void tap_put(const u8 *bytes, size_t count)
{
	while (count) {
		size_t room = CIRC_SPACE_TO_END(tap.head, tap.tail, TAP_BYTES);
		size_t part = min(count, room);

		memcpy(tap.buf + tap.head, bytes, part);
		tap.head = (tap.head + part) & (TAP_BYTES - 1);
		bytes += part;
		count -= part;
	}
}

static void tap_record(const struct i2c_msg *msg)
{
	u8 header[3] = { msg->addr, msg->len & 0xff, msg->len >> 8 };

	mutex_lock(&tap_lock);
	if (CIRC_SPACE(tap.head, tap.tail, TAP_BYTES) < sizeof(header) + msg->len) {
		dropped++;
	} else {
		tap_put(header, sizeof(header));
		tap_put(msg->buf, msg->len);
	}
	mutex_unlock(&tap_lock);
}

static int rig_xfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int count)
{
	int i;

	for (i = 0; i < count; i++) {
		if (nak || msgs[i].addr != address)
			return -ENXIO;
		if (msgs[i].flags & I2C_M_RD)
			memset(msgs[i].buf, 0, msgs[i].len);
		else
			tap_record(&msgs[i]);
	}
	return count;
}

static u32 rig_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm rig_algorithm = {
	.master_xfer = rig_xfer,
	.functionality = rig_functionality,
};

static struct i2c_adapter rig_adapter = {
	.owner = THIS_MODULE,
	.algo = &rig_algorithm,
	.name = "rig i2c",
};

static ssize_t tap_read(struct file *file, char __user *to, size_t count, loff_t *offset)
{
	size_t part;

	mutex_lock(&tap_lock);
	part = min_t(size_t, count, CIRC_CNT_TO_END(tap.head, tap.tail, TAP_BYTES));
	if (copy_to_user(to, tap.buf + tap.tail, part)) {
		mutex_unlock(&tap_lock);
		return -EFAULT;
	}
	tap.tail = (tap.tail + part) & (TAP_BYTES - 1);
	mutex_unlock(&tap_lock);
	return part;
}

static const struct file_operations tap_operations = {
	.owner = THIS_MODULE,
	.read = tap_read,
	.llseek = no_llseek,
};

static struct miscdevice tap_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "rig-i2c-tap",
	.fops = &tap_operations,
	.mode = 0600,
};

static int __init rig_i2c_init(void)
{
	int error;

	tap.buf = vmalloc(TAP_BYTES);
	if (!tap.buf)
		return -ENOMEM;
	error = misc_register(&tap_device);
	if (error)
		goto free;
	rig_adapter.nr = bus;
	error = i2c_add_numbered_adapter(&rig_adapter);
	if (error)
		goto deregister;
	return 0;
deregister:
	misc_deregister(&tap_device);
free:
	vfree(tap.buf);
	return error;
}

static void __exit rig_i2c_exit(void)
{
	i2c_del_adapter(&rig_adapter);
	misc_deregister(&tap_device);
	vfree(tap.buf);
}

module_init(rig_i2c_init);
module_exit(rig_i2c_exit);
MODULE_DESCRIPTION("An I2C bus whose writes a test can read");
MODULE_LICENSE("GPL");
