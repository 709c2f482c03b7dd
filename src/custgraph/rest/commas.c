/* commas.py for compiled wheels: the same function, in a loop that compilers turn into vector instructions. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static Py_ssize_t
commas_in(const char *text, Py_ssize_t size)
{
    Py_ssize_t found = 0;
    while (size > 0) {
        Py_ssize_t piece = size < 255 ? size : 255; /* what a counter of one byte can hold, many of which fill a register */
        unsigned char some = 0;
        for (Py_ssize_t i = 0; i < piece; i++) {
            some += text[i] == ',';
        }
        found += some;
        text += piece;
        size -= piece;
    }
    return found;
}

static PyObject *
count_commas(PyObject *Py_UNUSED(module), PyObject *text)
{
    if (!PyBytes_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "count_commas takes bytes");
        return NULL;
    }
    return PyLong_FromSsize_t(commas_in(PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text)));
}

static PyMethodDef methods[] = {
    {"count_commas", count_commas, METH_O, PyDoc_STR("Counts the commas of a text, which is bytes.")},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "custgraph.rest.commas",
    .m_doc = PyDoc_STR("Counts commas."),
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC
PyInit_commas(void)
{
    return PyModuleDef_Init(&module);
}
